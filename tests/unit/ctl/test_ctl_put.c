/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ctl_put.c - values as JSON. */
#include "test.h"

#include "ctl_put.h"

static struct ims_addr addr(const char *text)
{
	struct ims_addr a;

	assert_int_equal(ims_addr_parse(ims_str(text), 0, &a), 0);
	return a;
}

static void a_set_has_four_sas_with_their_numbers(void **state)
{
	static const char want[] =
		"{\"set\":7,\"impi\":\"a@b\",\"life\":\"in use\",\"alg\":"
		"\"hmac-sha-1-96\",\"ealg\":\"aes-cbc\",\"ends_s\":null,"
		"\"sas\":[{\"arrow\":\"uc->ps\",\"name\":\"spi_ps\",\"spi\":"
		"4294967295,\"spi_hex\":\"0xffffffff\",\"src\":"
		"\"192.0.2.10:38003\",\"dst\":\"192.0.2.1:5062\",\"packets\":"
		"1,\"bytes\":5000000000,\"dropped\":{\"replay\":2,\"icv\":3,"
		"\"selector\":4,\"malformed\":5}},";
	struct ims_ipsec_sa sa[IMS_N_ARROWS] = {
		{addr("192.0.2.10:38003"), addr("192.0.2.1:5062"), 0xffffffff},
		{addr("[2001:db8::1]:1"), addr("[2001:db8::2]:2"), 256},
	};
	struct ims_ipsec_count n[IMS_N_ARROWS] = {
		{1, UINT64_C(5000000000), 2, 3, 4, 5}};
	struct ims_ctl_set s = {
		.id = 7,
		.impi = IMS_S("a@b"),
		.life = "in-use",
		.suite = {IMS_ALG_HMAC_SHA1, IMS_EALG_AES_CBC},
		.sa = sa,
		.ends_s = UINT32_MAX,
		.count = n,
	};
	json_t *o = ims_ctl_set(&s), *list = json_object_get(o, "sas");
	char *text = json_dumps(o, JSON_COMPACT);

	assert_memory_equal(text, want, sizeof want - 1);
	free(text);
	assert_int_equal(json_array_size(list), IMS_N_ARROWS);
	assert_string_equal(json_string_value(
				    json_object_get(json_array_get(list, 1),
						    "dst")),
			    "[2001:db8::2]:2");
	assert_string_equal(json_string_value(
				    json_object_get(json_array_get(list, 1),
						    "spi_hex")),
			    "0x00000100");
	json_decref(o);
	s.count = NULL;
	o = ims_ctl_set(&s);
	assert_null(
		json_object_get(json_array_get(json_object_get(o, "sas"), 0),
				"packets"));
	json_decref(o);
}

static void lives_have_the_same_words_on_both_sides(void **state)
{
	assert_string_equal(ims_ctl_life("pending"), "temporary");
	assert_string_equal(ims_ctl_life("in-use"), "in use");
	assert_string_equal(ims_ctl_life("in use"), "in use");
	assert_string_equal(ims_ctl_life("old"), "old");
}

/* How many of n items a page shows. */
static size_t shown(struct ims_ctl_req *req, size_t most, size_t n)
{
	struct ims_ctl_page p = ims_ctl_page(req, most);
	json_t *o = json_object();
	size_t count;

	for (size_t i = 0; i < n; i++)
		if (ims_ctl_page_wants(&p))
			json_array_append_new(p.list, json_true());
	ims_ctl_page_put(&p, o, "list");
	count = json_array_size(json_object_get(o, "list"));
	assert_int_equal(json_integer_value(json_object_get(o, "total")), n);
	assert_int_equal(json_integer_value(json_object_get(o, "skip")),
			 req->skip);
	json_decref(o);
	return count;
}

static void a_page_shows_what_is_asked_for_and_no_more(void **state)
{
	struct ims_ctl_req r = {0};

	assert_int_equal(shown(&r, 10, 3), 3);
	assert_int_equal(shown(&r, 10, 30), 10);
	r.skip = 25;
	assert_int_equal(shown(&r, 10, 30), 5);
	assert_int_equal(shown(&r, 10, 3), 0);
	r.given = IMS_CTL_K_MAX;
	r.max = 2;
	assert_int_equal(shown(&r, 10, 30), 2);
	r.max = 2000000;
	r.skip = 0;
	assert_int_equal(shown(&r, 10, 30), 10);
	r.max = 0;
	assert_int_equal(shown(&r, 10, 30), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_has_four_sas_with_their_numbers),
		cmocka_unit_test(lives_have_the_same_words_on_both_sides),
		cmocka_unit_test(a_page_shows_what_is_asked_for_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
