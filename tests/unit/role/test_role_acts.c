/* SPDX-License-Identifier: BSD-2-Clause */
/* test_role_acts.c - the queue of acts. */
#include "role.h"

#include "test.h"

static const struct ims_flow flow = {.side = IMS_MW, .conn = 7};

static void gives_acts_in_the_order_they_were_put(void **state)
{
	struct ims_acts q;
	struct ims_act a;
	uint8_t rnd[16] = {1}, autn[16] = {2};
	struct ims_cx_req req = {.ref = 9, .impi = "a@b"};

	ims_acts_init(&q);
	assert_false(ims_acts_next(&q, &a));
	ims_acts_send(&q, &flow, IMS_S("bytes"), 3);
	ims_acts_sim(&q, rnd, autn);
	ims_acts_cx(&q, &req);
	ims_acts_sa_del(&q, 5);
	ims_acts_sa_life(&q, 8, 60000);
	ims_acts_keep(&q, IMS_KEEP_SCSCF, IMS_S("name"), IMS_S("record"));
	ims_acts_keep(&q, IMS_KEEP_UE, IMS_S("gone"), (struct ims_str){0});
	ims_acts_tell(&q, IMS_TELL_PROBLEM, -IMS_E_VERIFY, 6, "%s %d", "x", 1);

	assert_true(ims_acts_next(&q, &a));
	assert_int_equal(a.kind, IMS_ACT_SEND);
	assert_int_equal(a.flow.conn, 7);
	assert_int_equal(a.ref, 3);
	assert_str(a.bytes, "bytes");
	assert_true(ims_acts_next(&q, &a));
	assert_int_equal(a.kind, IMS_ACT_SIM);
	assert_int_equal(a.rand[0], 1);
	assert_int_equal(a.autn[0], 2);
	assert_true(ims_acts_next(&q, &a));
	assert_int_equal(a.kind, IMS_ACT_CX);
	assert_string_equal(a.cx->impi, "a@b");
	assert_true(ims_acts_next(&q, &a));
	assert_int_equal(a.kind, IMS_ACT_SA_DEL);
	assert_int_equal(a.set, 5);
	assert_true(ims_acts_next(&q, &a));
	assert_int_equal(a.kind, IMS_ACT_SA_LIFE);
	assert_int_equal(a.set, 8);
	assert_int_equal(a.life_s, 61 + IMS_SA_SLACK_S);
	assert_true(ims_acts_next(&q, &a));
	assert_int_equal(a.kind, IMS_ACT_KEEP);
	assert_int_equal(a.keep, IMS_KEEP_SCSCF);
	assert_str(a.key, "name");
	assert_str(a.bytes, "record");
	assert_true(ims_acts_next(&q, &a));
	assert_int_equal(a.keep, IMS_KEEP_UE);
	assert_str(a.key, "gone");
	assert_int_equal(a.bytes.n, 0);
	assert_true(ims_acts_next(&q, &a));
	assert_int_equal(a.kind, IMS_ACT_TELL);
	assert_int_equal(a.err, -IMS_E_VERIFY);
	assert_str(a.text, "x 1");
	assert_false(ims_acts_next(&q, &a));
	assert_false(q.lost);
	ims_acts_free(&q);
}

static void a_lifetime_is_never_0_and_never_for_ever(void **state)
{
	assert_int_equal(ims_role_life_s(0), 1 + IMS_SA_SLACK_S);
	assert_int_equal(ims_role_life_s(999), 1 + IMS_SA_SLACK_S);
	assert_int_equal(ims_role_life_s(600000), 601 + IMS_SA_SLACK_S);
	assert_int_equal(ims_role_life_s(UINT64_MAX),
			 366 * 86400 + IMS_SA_SLACK_S);
}

static void a_record_s_name_does_not_move_its_bytes_away(void **state)
{
	struct ims_acts q;
	struct ims_act a;
	char text[4090];

	/* the record fills the arena, so that the name has to make it grow */
	memset(text, 'r', sizeof text);
	ims_acts_init(&q);
	ims_acts_keep(&q, IMS_KEEP_UE, IMS_S("a name of some length"),
		      ims_str_n(text, sizeof text));
	assert_true(ims_acts_next(&q, &a));
	assert_int_equal(a.bytes.n, sizeof text);
	assert_memory_equal(a.bytes.p, text, sizeof text);
	assert_str(a.key, "a name of some length");
	ims_acts_free(&q);
}

static void copies_what_is_put_and_survives_growing(void **state)
{
	struct ims_acts q;
	struct ims_act a;
	char text[1000];

	ims_acts_init(&q);
	for (int i = 0; i < 100; i++) {
		memset(text, 'a' + i % 26, sizeof text);
		ims_acts_send(&q, &flow, ims_str_n(text, sizeof text),
			      (uint32_t)i);
	}
	memset(text, 0, sizeof text);
	for (int i = 0; i < 100; i++) {
		assert_true(ims_acts_next(&q, &a));
		assert_int_equal(a.ref, i);
		assert_int_equal(a.bytes.n, sizeof text);
		assert_int_equal(a.bytes.p[999], 'a' + i % 26);
	}
	assert_false(ims_acts_next(&q, &a));
	ims_acts_free(&q);
}

static bool holds(const struct ims_acts *q, const void *key, size_t n)
{
	return memmem(q->bytes, q->cap_bytes, key, n) != NULL;
}

static void wipes_keys_when_the_next_act_is_asked_for(void **state)
{
	struct ims_ipsec_set set = {.id = 4};
	struct ims_acts q;
	struct ims_act a;

	memset(set.keys.alg, 0x5a, sizeof set.keys.alg);
	ims_acts_init(&q);
	ims_acts_sa_add(&q, &set);
	ims_acts_sa_add(&q, &set);
	assert_true(ims_acts_next(&q, &a));
	assert_int_equal(a.set, 4);
	assert_memory_equal(a.add->keys.alg, set.keys.alg, 20);
	/* the queue grows under an act that was taken */
	for (int i = 0; i < 100; i++)
		ims_acts_tell(&q, IMS_TELL_INFO, 0, 0, "%0100d", 0);
	assert_true(ims_acts_next(&q, &a));
	assert_memory_equal(a.add->keys.alg, set.keys.alg, 20);
	assert_true(holds(&q, set.keys.alg, 20));
	assert_true(ims_acts_next(&q, &a));
	assert_false(holds(&q, set.keys.alg, 20));
	ims_acts_free(&q);
}

static void wipes_messages_when_the_next_act_is_asked_for(void **state)
{
	static const char text[] = "SIP/2.0 401 x\r\nWWW-Authenticate: ck=abc";
	struct ims_flow to = {0};
	struct ims_acts q;
	struct ims_act act;

	ims_acts_init(&q);
	ims_acts_send(&q, &to, ims_str(text), 1);
	assert_true(ims_acts_next(&q, &act));
	assert_int_equal(act.bytes.n, sizeof(text) - 1);
	assert_memory_equal(act.bytes.p, text, sizeof(text) - 1);
	assert_false(ims_acts_next(&q, &act));
	assert_null(memmem(q.bytes, q.cap_bytes, "ck=", 3));
	ims_acts_free(&q);
}

static void wipes_keys_when_the_queue_is_used_again(void **state)
{
	struct ims_ipsec_set set = {.id = 4};
	struct ims_acts q;
	struct ims_act a;

	memset(set.keys.alg, 0x5a, sizeof set.keys.alg);
	ims_acts_init(&q);
	ims_acts_sa_add(&q, &set);
	assert_true(ims_acts_next(&q, &a));
	ims_acts_sa_del(&q, 1); /* nobody asked for the next */
	assert_false(holds(&q, set.keys.alg, 20));
	assert_true(ims_acts_next(&q, &a));
	assert_int_equal(a.kind, IMS_ACT_SA_DEL);
	ims_acts_free(&q);
}

static void allocates_nothing_once_warm(void **state)
{
	struct ims_acts q;
	struct ims_act a;
	const void *v, *bytes;

	ims_acts_init(&q);
	ims_acts_send(&q, &flow, IMS_S("x"), 0);
	v = q.v;
	bytes = q.bytes;
	for (int i = 0; i < 10000; i++) {
		assert_true(ims_acts_next(&q, &a));
		assert_false(ims_acts_next(&q, &a));
		ims_acts_send(&q, &flow, IMS_S("y"), 0);
	}
	assert_ptr_equal(q.v, v);
	assert_ptr_equal(q.bytes, bytes);
	ims_acts_free(&q);
}

static void what_a_peer_wrote_is_told_in_printable_form(void **state)
{
	struct ims_acts q;
	struct ims_act a;
	char text[3000];

	ims_acts_init(&q);
	ims_acts_tell(&q, IMS_TELL_INFO, 0, 0, "%s", "a\x1b[31m\nb");
	assert_true(ims_acts_next(&q, &a));
	assert_str(a.text, "a\\x1b[31m\\x0ab");
	memset(text, '\n', sizeof text);
	text[sizeof text - 1] = 0;
	ims_acts_tell(&q, IMS_TELL_INFO, 0, 0, "%s", text);
	assert_true(ims_acts_next(&q, &a));
	assert_true(a.text.n < 1024);
	ims_acts_free(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_acts_in_the_order_they_were_put),
		cmocka_unit_test(a_lifetime_is_never_0_and_never_for_ever),
		cmocka_unit_test(a_record_s_name_does_not_move_its_bytes_away),
		cmocka_unit_test(copies_what_is_put_and_survives_growing),
		cmocka_unit_test(wipes_keys_when_the_next_act_is_asked_for),
		cmocka_unit_test(wipes_messages_when_the_next_act_is_asked_for),
		cmocka_unit_test(wipes_keys_when_the_queue_is_used_again),
		cmocka_unit_test(allocates_nothing_once_warm),
		cmocka_unit_test(what_a_peer_wrote_is_told_in_printable_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
