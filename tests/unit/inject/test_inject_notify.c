/* SPDX-License-Identifier: BSD-2-Clause */
/* test_inject_notify.c - documents of NOTIFY. */
#include "inject_case.h"

static struct ims_sip_msg msg;

static struct ims_inject *done(const char *id)
{
	const struct ims_inject_row *r = ims_inject_find(false, ims_str(id));
	struct ims_inject *j = armed(false, id);
	struct ims_inject_mail mail;

	assert_true(ims_inject_message(j, r->at, &mw, ims_str(notify), 0));
	mail_is(j, 0, r->at, &mail, &msg);
	return j;
}

#define BEGIN "<?xml version=\"1.0\"?>\r\n"
#define NS "xmlns=\"urn:ietf:params:xml:ns:reginfo\""
#define END "<uri>sip:user@h</uri></contact></registration></reginfo>"

static void the_body_fits_its_length(void **state)
{
	assert_int_equal(strlen(DOC), 280);
}

static void a_contact_that_is_thrown_out(void **state)
{
	struct ims_inject *j = done("notify-probation");

	assert_str(msg.body,
		   BEGIN "<reginfo version=\"3\" state=\"full\" " NS
			 "><registration aor=\"" USER
			 "\" id=\"1\" state=\"terminated\"><contact id=\"2\" "
			 "event=\"probation\" state=\"terminated\" "
			 "retry-after=\"60\">" END);
	ims_inject_free(j);
}

static void a_contact_with_less_time(void **state)
{
	struct ims_inject *j = done("notify-shortened");

	assert_str(msg.body, BEGIN
		   "<reginfo version=\"3\" state=\"full\" " NS
		   "><registration aor=\"" USER
		   "\" id=\"1\" state=\"active\"><contact id=\"2\" "
		   "event=\"shortened\" expires=\"60\" state=\"active\">" END);
	ims_inject_free(j);
}

static void a_document_of_another_version_or_kind(void **state)
{
	struct ims_inject *j = done("version-gap");

	assert_non_null(strstr(msg.body.p, "version=\"1000\""));
	assert_non_null(strstr(msg.body.p, "state=\"full\""));
	ims_inject_free(j);
	j = done("notify-partial");
	assert_non_null(strstr(msg.body.p, "state=\"partial\""));
	ims_inject_free(j);
}

static void half_a_document(void **state)
{
	struct ims_inject *j = done("notify-malformed");

	assert_int_equal(msg.body.n, 140);
	ims_inject_free(j);
}

static void one_more_that_belongs_nowhere(void **state)
{
	struct ims_inject *j = armed(false, "notify-stray");
	struct ims_inject_mail mail;

	assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_inside,
				       ims_str(notify), 0));
	mail_is(j, 0, IMS_INJECT_GM_OUT, &mail, &msg);
	assert_true(ims_str_eq(mail.bytes, ims_str(notify)));
	mail_is(j, 0, IMS_INJECT_GM_OUT, &mail, &msg);
	assert_str(msg.call_id, "injected");
	ims_inject_free(j);
}

/* Whatever stands in a body, nothing is read beyond it. */
static void bodies_that_are_no_xml(void **state)
{
	static const char *const bodies[] = {"<",       "<<",         "a",
					     "<a",      "<a b",       "<a b=",
					     "<a b=\"", ">",          "</",
					     "<>",      "<a b=\"c\"d"};

	for (size_t i = 0; i < N_OF(bodies); i++) {
		struct ims_inject *j = armed(false, "notify-rejected");
		char text[1024];

		snprintf(text, sizeof text,
			 "NOTIFY sip:a SIP/2.0\r\n" HEAD(
				 "NOTIFY", "7",
				 "n") "Content-Length: %zu\r\n\r\n%s",
			 strlen(bodies[i]), bodies[i]);
		assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &mw,
					       ims_str(text), 0));
		ims_inject_free(j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_body_fits_its_length),
		cmocka_unit_test(a_contact_that_is_thrown_out),
		cmocka_unit_test(a_contact_with_less_time),
		cmocka_unit_test(a_document_of_another_version_or_kind),
		cmocka_unit_test(half_a_document),
		cmocka_unit_test(one_more_that_belongs_nowhere),
		cmocka_unit_test(bodies_that_are_no_xml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
