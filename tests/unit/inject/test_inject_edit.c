/* SPDX-License-Identifier: BSD-2-Clause */
/* test_inject_edit.c - a message but for some headers. */
#include "inject_case.h"

static void parse(const char *text, struct ims_sip_msg *m)
{
	assert_int_equal(ims_sip_msg_parse(ims_str(text), m, NULL), 0);
}

static void without_a_change_it_says_the_same(void **state)
{
	struct ims_inject *j = ims_inject_new(false);
	struct ims_sip_msg m, n;
	struct inject_edit e = {0};

	parse(notify, &m);
	assert_int_equal(ims_sip_msg_parse(ims_inject_edited(j, &m, &e), &n,
					   NULL),
			 0);
	assert_int_equal(n.n_hdrs, m.n_hdrs);
	assert_true(ims_str_eq(n.body, m.body));
	assert_true(ims_str_eq(n.uri, m.uri));
	for (size_t i = 0; i < m.n_hdrs; i++)
		assert_true(ims_str_eq(ims_sip_get(&m, m.hdr[i].id),
				       ims_sip_get(&n, m.hdr[i].id)));
	ims_inject_free(j);
}

static void headers_are_set_dropped_and_added(void **state)
{
	struct ims_inject *j = ims_inject_new(false);
	struct ims_sip_msg m, n;
	struct inject_edit e = {.has_body = true, .body = IMS_S("four")};

	parse(notify, &m);
	ims_inject_set(&e, IMS_SIP_EVENT, IMS_S("presence"));
	ims_inject_drop(&e, IMS_SIP_MAX_FORWARDS);
	ims_inject_set(&e, IMS_SIP_WARNING, IMS_S("399 x \"y\""));
	assert_int_equal(ims_sip_msg_parse(ims_inject_edited(j, &m, &e), &n,
					   NULL),
			 0);
	value_is(&n, IMS_SIP_EVENT, "presence");
	value_is(&n, IMS_SIP_WARNING, "399 x \"y\"");
	value_is(&n, IMS_SIP_CONTENT_LENGTH, "4");
	assert_false(ims_sip_has(&n, IMS_SIP_MAX_FORWARDS));
	ims_inject_free(j);
}

static void a_value_cannot_open_a_new_line(void **state)
{
	struct ims_inject *j = ims_inject_new(false);
	struct ims_sip_msg m;
	struct inject_edit e = {0};

	parse(notify, &m);
	ims_inject_set(&e, IMS_SIP_EVENT, IMS_S("reg\r\nEvil: 1"));
	assert_int_equal(ims_inject_edited(j, &m, &e).n, 0);
	ims_inject_free(j);
}

static void an_answer_goes_back_the_way_it_came(void **state)
{
	struct ims_inject *j = armed(false, "503-retry-after");
	struct ims_flow up = mw;
	struct ims_inject_mail mail;
	struct ims_sip_msg m;

	up.local.port = 6060;
	up.remote.port = 4060;
	assert_true(ims_inject_message(j, IMS_INJECT_MW_UP, &up,
				       ims_str(register1), 5));
	mail_is(j, 5, IMS_INJECT_MW_DOWN, &mail, &m);
	assert_int_equal(mail.flow.local.port, 4060);
	assert_int_equal(mail.flow.remote.port, 6060);
	assert_int_equal(m.status, 503);
	value_is(&m, IMS_SIP_RETRY_AFTER, "30");
	assert_true(ims_sip_tag(&m, IMS_SIP_TO).n > 0);
	ims_inject_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_change_it_says_the_same),
		cmocka_unit_test(headers_are_set_dropped_and_added),
		cmocka_unit_test(a_value_cannot_open_a_new_line),
		cmocka_unit_test(an_answer_goes_back_the_way_it_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
