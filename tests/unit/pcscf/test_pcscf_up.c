/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_up.c - other requests of a UE, and their answers. */
#include "pcscf_test.h"

static struct ims_flow f;
static char msg[12000];

static void registered_with(const char *headers)
{
	go_challenged(IMS_UDP);
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	feed(&f, msg);
	core_answers(last_mw(), 200, headers);
	n_gm = 0;
}

static void the_identity_comes_from_the_registration(void **state)
{
	static const char *const rows[][2] = {
		{NULL, "<" IMPU ">"},
		{"<sip:boss@evil>", "<" IMPU ">"},
		{"<tel:+491234>", "<tel:+491234>"},
		{"\"Me\" <tel:+491234>", "<tel:+491234>"},
		{"<sip:boss@evil>, <tel:+491234>", "<tel:+491234>"},
		{"<" IMPU ">", "<" IMPU ">"},
		{"rubbish<", "<" IMPU ">"},
	};
	char want[300];

	registered_with(GRANTED);
	for (size_t i = 0; i < N_OF(rows); i++) {
		subscribe(msg);
		set_line(msg, "Security-Verify", NULL);
		set_line(msg, "P-Preferred-Identity", rows[i][0]);
		set_line(msg, "P-Asserted-Identity", "<sip:boss@evil>");
		feed(&f, msg);
		snprintf(want, sizeof want, "\r\nP-Asserted-Identity: %s\r\n",
			 rows[i][1]);
		assert_has(last_mw(), want);
		assert_has_not(last_mw(), "evil");
		assert_has_not(last_mw(), "P-Preferred");
	}
}

/* Without a preference it is who the UE says it is, if that is registered. */
static void the_identity_in_from_counts_if_it_is_registered(void **state)
{
	static const char *const rows[][3] = {
		{NULL, "<tel:+491234>;tag=a", "<tel:+491234>"},
		{NULL, "\"B\" <sip:boss@evil>;tag=a", "<" IMPU ">"},
		{"<" IMPU ">", "<tel:+491234>;tag=a", "<" IMPU ">"},
		{"<sip:boss@evil>", "<tel:+491234>;tag=a", "<tel:+491234>"},
	};
	char want[300];

	registered_with(GRANTED);
	for (size_t i = 0; i < N_OF(rows); i++) {
		subscribe(msg);
		set_line(msg, "Security-Verify", NULL);
		set_line(msg, "P-Preferred-Identity", rows[i][0]);
		set_line(msg, "From", rows[i][1]);
		feed(&f, msg);
		snprintf(want, sizeof want, "\r\nP-Asserted-Identity: %s\r\n",
			 rows[i][2]);
		assert_has(last_mw(), want);
	}
}

static void without_associated_uris_it_is_the_registered_one(void **state)
{
	registered_with("Contact: <sip:001010123456789@[" UE_IP
			"]:39003>;expires=600\r\n");
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	assert_has(last_mw(), "\r\nP-Asserted-Identity: <" IMPU ">\r\n");
}

static void the_route_comes_from_the_registration(void **state)
{
	registered_with(GRANTED "Service-Route: <sip:orig@127.0.0.1:7070;lr>, "
				"<sip:two@example;lr>\r\n");
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	set_line(msg, "Route",
		 "<sip:[2001:0:0:1::2]:50718;lr>, <sip:evil@10.1.1.1;lr>");
	feed(&f, msg);
	assert_int_equal(last_mw()->flow.remote.port, 7070);
	assert_has(last_mw(), "\r\nRoute: <sip:orig@127.0.0.1:7070;lr>, "
			      "<sip:two@example;lr>\r\n");
	assert_has_not(last_mw(), "evil");
	assert_has_not(last_mw(), "50718;lr");
}

static void without_service_route_it_goes_to_the_scscf(void **state)
{
	registered_with(GRANTED);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	set_line(msg, "Route", "<sip:evil@10.1.1.1;lr>");
	feed(&f, msg);
	assert_true(ims_addr_eq(last_mw()->flow.remote, conf.scscf));
	assert_has_not(last_mw(), "\r\nRoute:");
}

static void inside_a_dialog_the_routes_are_kept_without_ours(void **state)
{
	registered_with(GRANTED);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	set_line(msg, "To", "<" IMPU ">;tag=x");
	set_line(msg, "Route",
		 "<sip:[2001:0:0:1::2]:50718;lr>, <sip:s@127.0.0.1:6060;lr>");
	feed(&f, msg);
	assert_true(ims_addr_eq(last_mw()->flow.remote, conf.scscf));
	assert_has(last_mw(), "\r\nRoute: <sip:s@127.0.0.1:6060;lr>\r\n");
	assert_has_not(last_mw(), "50718;lr");
}

static void our_record_route_is_written_for_each_side(void **state)
{
	char rr[400];

	registered_with(GRANTED);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	set_line(msg, "Record-Route", "<sip:evil;lr>");
	feed(&f, msg);
	snprintf(rr, sizeof rr, "\r\nRecord-Route: <%s>\r\n", path_uri());
	assert_has(last_mw(), rr);
	assert_has_not(last_mw(), "evil");
	snprintf(rr, sizeof rr, "Record-Route: <sip:s@x;lr>, <%s>\r\n",
		 path_uri());
	core_answers(last_mw(), 200, rr);
	assert_has(last_gm(),
		   "\r\nRecord-Route: <sip:s@x;lr>\r\n"
		   "Record-Route: <sip:[2001:0:0:1::2]:50718;lr>\r\n");
	assert_has_not(last_gm(), "4060");
}

static void a_silent_core_is_408_and_a_dead_one_503(void **state)
{
	struct ims_ev ev = {.kind = IMS_EV_UNSENT};

	registered_with(GRANTED);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	pass(33000);
	assert_int_equal(last_gm()->m.status, 408);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	ev.ref = last_mw()->ref;
	ims_pcscf_event(p, &ev, now);
	perform();
	assert_int_equal(last_gm()->m.status, 503);
}

static void hops_are_counted(void **state)
{
	size_t before;

	registered_with(GRANTED);
	before = n_mw;
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	set_line(msg, "Max-Forwards", "0");
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 483);
	assert_int_equal(n_mw, before);
}

static void a_temporary_set_carries_nothing_but_its_register(void **state)
{
	go_challenged(IMS_UDP);
	f = inside(last_added(), IMS_UDP);
	subscribe(msg);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 403);
	assert_int_equal(n_mw, 1);
}

static void a_method_of_any_length_is_safe(void **state)
{
	char method[400];

	registered_with(GRANTED);
	memset(method, 'M', sizeof method);
	method[sizeof method - 1] = 0;
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	swap(msg, "SUBSCRIBE", method);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 513);
}

static void provisional_answers_pass_but_for_100(void **state)
{
	registered_with(GRANTED);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	core_answers(last_mw(), 100, "");
	assert_int_equal(n_gm, 0);
	core_answers(last_mw(), 183, "");
	assert_int_equal(last_gm()->m.status, 183);
	core_answers(last_mw(), 200, "");
	assert_int_equal(last_gm()->m.status, 200);
}

/* The S-CSCF has lost the user, and its word reaches him [24.229 5.1.2A.1.6]. */
static void a_wish_for_restoration_reaches_the_ue(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow in = inside(s, IMS_UDP), core = from_core();
	static const char xml[] = "<ims-3gpp version=\"1\"/>";
	char text[12000], mem[8000];
	struct ims_buf b;

	subscribe(text);
	feed(&in, text);
	ims_buf_init(&b, mem, sizeof mem);
	ims_sip_put_response(&b, &last_mw()->m, 504, IMS_S("core"),
			     (struct ims_addr){0}, false);
	ims_buf_printf(&b,
		       "P-Asserted-Identity: <sip:orig@127.0.0.1:6060;lr>\r\n"
		       "Content-Type: application/3gpp-ims+xml\r\n"
		       "Content-Length: %zu\r\n\r\n%s",
		       strlen(xml), xml);
	feed(&core, ims_buf_cstr(&b));
	assert_int_equal(last_gm()->m.status, 504);
	assert_has(last_gm(),
		   "P-Asserted-Identity: <sip:orig@127.0.0.1:6060;lr>");
	assert_has(last_gm(), "Content-Type: application/3gpp-ims+xml");
	assert_true(ims_str_eq(last_gm()->m.body, ims_str(xml)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_wish_for_restoration_reaches_the_ue),
		T(the_identity_comes_from_the_registration),
		T(the_identity_in_from_counts_if_it_is_registered),
		T(without_associated_uris_it_is_the_registered_one),
		T(the_route_comes_from_the_registration),
		T(without_service_route_it_goes_to_the_scscf),
		T(inside_a_dialog_the_routes_are_kept_without_ours),
		T(our_record_route_is_written_for_each_side),
		T(a_silent_core_is_408_and_a_dead_one_503),
		T(hops_are_counted),
		T(a_temporary_set_carries_nothing_but_its_register),
		T(a_method_of_any_length_is_safe),
		T(provisional_answers_pass_but_for_100),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
