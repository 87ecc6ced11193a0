/* SPDX-License-Identifier: BSD-2-Clause */
/* store_cases.h - what every subscriber store must do, whichever it is. */
#ifndef IMS_TEST_STORE_CASES_H
#define IMS_TEST_STORE_CASES_H

#include "test.h"

#include "hss.h"

/* A subscriber in which every member differs from its default. */
static inline struct ims_sub store_sub(const char *imsi, const char *impi)
{
	struct ims_sub s;

	memset(&s, 0, sizeof(s));
	snprintf(s.imsi, sizeof(s.imsi), "%s", imsi);
	snprintf(s.impi, sizeof(s.impi), "%s", impi);
	s.key.algo = IMS_AKA_TUAK;
	for (size_t i = 0; i < sizeof(s.key.k); i++) {
		s.key.k[i] = (uint8_t)i; /* a zero byte among them */
		s.key.opc[i] = (uint8_t)(0xff - i);
	}
	s.key.k_len = 32;
	s.key.res_len = 16;
	s.key.iterations = 3;
	s.amf[0] = 0x80;
	s.amf[1] = 0x00;
	s.sqn = UINT64_C(0xfffffffffff1);
	s.fixed_sqn = true;
	s.barred = true;
	s.n_impus = 3;
	snprintf(s.impu[0].uri, sizeof(s.impu[0].uri), "sip:%.200s", impi);
	snprintf(s.impu[1].uri, sizeof(s.impu[1].uri), "tel:+1555%s", imsi);
	s.impu[1].barred = true;
	snprintf(s.impu[2].uri, sizeof(s.impu[2].uri), "sip:third@x.invalid");
	return s;
}

static inline void assert_sub_equal(const struct ims_sub *a,
				    const struct ims_sub *b)
{
	assert_string_equal(a->imsi, b->imsi);
	assert_string_equal(a->impi, b->impi);
	assert_int_equal(a->key.algo, b->key.algo);
	assert_int_equal(a->key.k_len, b->key.k_len);
	assert_memory_equal(a->key.k, b->key.k, sizeof(a->key.k));
	assert_memory_equal(a->key.opc, b->key.opc, sizeof(a->key.opc));
	assert_int_equal(a->key.res_len, b->key.res_len);
	assert_int_equal(a->key.iterations, b->key.iterations);
	assert_memory_equal(a->amf, b->amf, 2);
	assert_true(a->sqn == b->sqn);
	assert_int_equal(a->fixed_sqn, b->fixed_sqn);
	assert_int_equal(a->barred, b->barred);
	assert_int_equal(a->n_impus, b->n_impus);
	for (size_t i = 0; i < a->n_impus; i++) {
		assert_string_equal(a->impu[i].uri, b->impu[i].uri);
		assert_int_equal(a->impu[i].barred, b->impu[i].barred);
	}
}

static inline void case_keeps_what_it_was_given(struct ims_hss_store *st)
{
	struct ims_sub a = store_sub("001010000000001", "a@x.invalid"), got;

	assert_int_equal(st->ops->add(st, &a), 0);
	assert_int_equal(st->ops->get(st, IMS_S("a@x.invalid"), &got), 0);
	assert_sub_equal(&got, &a);
	assert_int_equal(st->ops->get_imsi(st, IMS_S("001010000000001"), &got),
			 0);
	assert_sub_equal(&got, &a);
	assert_int_equal(st->ops->get(st, IMS_S("A@x.invalid"), &got),
			 -IMS_E_NOTFOUND);
	assert_int_equal(st->ops->get_imsi(st, IMS_S("00101"), &got),
			 -IMS_E_NOTFOUND);
}

static inline void case_adds_nobody_twice(struct ims_hss_store *st)
{
	struct ims_sub a = store_sub("001010000000001", "a@x.invalid");
	struct ims_sub b = store_sub("001010000000002", "a@x.invalid"), got;

	assert_int_equal(st->ops->add(st, &a), 0);
	assert_int_equal(st->ops->add(st, &a), -IMS_E_EXISTS);
	assert_int_equal(st->ops->add(st, &b), -IMS_E_EXISTS);
	assert_int_equal(st->ops->get_imsi(st, IMS_S("001010000000002"), &got),
			 -IMS_E_NOTFOUND);
	assert_true(strlen(st->ops->why(st)) > 0);
}

static inline void case_changes_and_deletes(struct ims_hss_store *st)
{
	struct ims_sub a = store_sub("001010000000001", "a@x.invalid");
	struct ims_sub b = store_sub("001010000000002", "b@x.invalid"), got;

	assert_int_equal(st->ops->set(st, &a), -IMS_E_NOTFOUND);
	assert_int_equal(st->ops->add(st, &a), 0);
	assert_int_equal(st->ops->add(st, &b), 0);
	strcpy(a.impi, "b@x.invalid");
	assert_int_equal(st->ops->set(st, &a), -IMS_E_EXISTS);
	strcpy(a.impi, "c@x.invalid");
	a.n_impus = 1;
	a.key.algo = IMS_AKA_XOR;
	memset(a.key.opc, 0, sizeof(a.key.opc));
	assert_int_equal(st->ops->set(st, &a), 0);
	assert_int_equal(st->ops->get(st, IMS_S("c@x.invalid"), &got), 0);
	assert_sub_equal(&got, &a);
	assert_int_equal(st->ops->get(st, IMS_S("a@x.invalid"), &got),
			 -IMS_E_NOTFOUND);
	assert_int_equal(st->ops->set_sqn(st, IMS_S("c@x.invalid"), 99), 0);
	assert_int_equal(st->ops->get(st, IMS_S("c@x.invalid"), &got), 0);
	assert_true(got.sqn == 99);
	assert_int_equal(st->ops->set_sqn(st, IMS_S("a@x.invalid"), 1),
			 -IMS_E_NOTFOUND);
	assert_int_equal(st->ops->del(st, IMS_S("001010000000001")), 0);
	assert_int_equal(st->ops->del(st, IMS_S("001010000000001")),
			 -IMS_E_NOTFOUND);
	assert_int_equal(st->ops->get(st, IMS_S("c@x.invalid"), &got),
			 -IMS_E_NOTFOUND);
	assert_int_equal(st->ops->get(st, IMS_S("b@x.invalid"), &got), 0);
	assert_int_equal(got.n_impus, 3);
}

struct store_seen {
	char imsi[8][16];
	size_t n, stop_at;
};

static inline int store_see(void *arg, const struct ims_sub *sub)
{
	struct store_seen *seen = arg;

	strcpy(seen->imsi[seen->n++], sub->imsi);
	return seen->n == seen->stop_at;
}

static inline void case_lists_in_order(struct ims_hss_store *st)
{
	static const char *const imsi[] = {"003", "001", "004", "002"};
	struct store_seen seen = {0};

	assert_int_equal(st->ops->list(st, store_see, &seen), 0);
	assert_int_equal(seen.n, 0);
	for (size_t i = 0; i < 4; i++) {
		struct ims_sub s = store_sub(imsi[i], imsi[i]);

		assert_int_equal(st->ops->add(st, &s), 0);
	}
	assert_int_equal(st->ops->list(st, store_see, &seen), 0);
	assert_int_equal(seen.n, 4);
	assert_string_equal(seen.imsi[0], "001");
	assert_string_equal(seen.imsi[3], "004");
	seen = (struct store_seen){.stop_at = 2};
	assert_int_equal(st->ops->list(st, store_see, &seen), 0);
	assert_int_equal(seen.n, 2);
}

/* Text is data, whatever stands in it [T22]. */
static inline void case_keeps_hostile_text(struct ims_hss_store *st)
{
	static const char *const text[] = {
		"'; DROP TABLE sub; --",
		"x' OR '1'='1",
		"\"; DELETE FROM impu; --",
		"%s%n%x",
		"a\r\nb\x1b[31m",
		"%",
		"_",
		"\xff\xfe\x80",
		"$(reboot)`id`|x",
		"../../etc/passwd",
	};

	for (size_t i = 0; i < N_OF(text); i++) {
		struct ims_sub s, got;
		char imsi[16];

		snprintf(imsi, sizeof(imsi), "%zu", i);
		s = store_sub(imsi, text[i]);
		assert_int_equal(st->ops->add(st, &s), 0);
		assert_int_equal(st->ops->get(st, ims_str(text[i]), &got), 0);
		assert_sub_equal(&got, &s);
	}
	for (size_t i = 0; i < N_OF(text); i++) {
		struct ims_sub got;

		assert_int_equal(st->ops->get_imsi(st, ims_str(text[i]), &got),
				 -IMS_E_NOTFOUND);
		assert_int_equal(st->ops->set_sqn(st, ims_str(text[i]), i), 0);
		assert_int_equal(st->ops->get(st, ims_str(text[i]), &got), 0);
		assert_true(got.sqn == i);
	}
}

#endif
