/* SPDX-License-Identifier: BSD-2-Clause */
/* test_reg_sub.c - the dialog of a subscription. */
#include "base_buf.h"
#include "msg.h"
#include "reg_sub.h"

#define LINES                                      \
	"Event: reg;id=7\r\n"                      \
	"Contact: <sip:ue@[2001::1]:39003;ob>\r\n" \
	"Record-Route: <sip:tok@192.0.2.5:5070;lr>, <sip:p2.invalid;lr>\r\n"

static struct held h;
static struct ims_reg_sub s;

static int setup(void **state)
{
	return ims_reg_sub_init(&s, held_request(&h, "SUBSCRIBE", 1, LINES),
				IMS_S("lt"));
}

static int teardown(void **state)
{
	ims_reg_sub_wipe(&s);
	return 0;
}

static void our_request_turns_the_dialog_round(void **state)
{
	char mem[2048];
	struct ims_buf b;
	struct ims_sip_msg m;

	ims_buf_init(&b, mem, sizeof(mem));
	ims_reg_sub_put(&b, &s, "NOTIFY",
			IMS_S("SIP/2.0/UDP 192.0.2.9:5080;branch=z9hG4bKx"));
	ims_buf_puts(&b, "Content-Length: 0\r\n\r\n");
	assert_int_equal(ims_sip_msg_parse(ims_buf_str(&b), &m, NULL), 0);
	assert_str(m.uri, "sip:ue@[2001::1]:39003;ob");
	assert_str(ims_sip_get(&m, IMS_SIP_FROM), "<sip:a@ims.invalid>;tag=lt");
	assert_str(ims_sip_get(&m, IMS_SIP_TO), "<sip:a@ims.invalid>;tag=ft");
	assert_str(m.call_id, "call-1");
	assert_int_equal(m.cseq, 1);
	assert_str(ims_sip_get(&m, IMS_SIP_ROUTE),
		   "<sip:tok@192.0.2.5:5070;lr>, <sip:p2.invalid;lr>");
	ims_buf_init(&b, mem, sizeof(mem));
	ims_reg_sub_put(&b, &s, "NOTIFY", IMS_S("x"));
	assert_int_equal(s.cseq, 2);
}

static void the_top_route_is_the_next_hop(void **state)
{
	char text[IMS_ADDR_TEXT];
	struct ims_addr hop;
	struct ims_reg_sub t;

	assert_int_equal(ims_reg_sub_hop(&s, &hop), 0);
	assert_string_equal(ims_addr_text(hop, text), "192.0.2.5:5070");
	assert_int_equal(
		ims_reg_sub_init(&t,
				 held_request(&h, "SUBSCRIBE", 1,
					      "Contact: <sip:[2001::1]>\r\n"),
				 IMS_S("x")),
		0);
	assert_int_equal(ims_reg_sub_hop(&t, &hop), 0);
	assert_string_equal(ims_addr_text(hop, text), "[2001::1]:5060");
	ims_reg_sub_wipe(&t);
	assert_int_equal(
		ims_reg_sub_init(
			&t,
			held_request(&h, "SUBSCRIBE", 1,
				     "Contact: <sip:[2001::1]>\r\n"
				     "Record-Route: <sip:name.invalid;lr>\r\n"),
			IMS_S("x")),
		0);
	assert_int_equal(ims_reg_sub_hop(&t, &hop), -IMS_E_SYNTAX);
	ims_reg_sub_wipe(&t);
}

static bool belongs(const char *from, const char *to, const char *call_id,
		    const char *event)
{
	static char text[2048];
	struct ims_sip_msg m;

	snprintf(text, sizeof(text),
		 "SUBSCRIBE sip:x SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP x;branch=z9hG4bK2\r\n"
		 "From: <sip:a@ims.invalid>;tag=%s\r\n"
		 "To: <sip:a@ims.invalid>;tag=%s\r\nCall-ID: %s\r\n"
		 "CSeq: 2 SUBSCRIBE\r\nEvent: %s\r\n"
		 "Content-Length: 0\r\n\r\n",
		 from, to, call_id, event);
	assert_int_equal(ims_sip_msg_parse(ims_str(text), &m, NULL), 0);
	return ims_reg_sub_is(&s, &m);
}

static void only_all_ids_together_are_the_dialog(void **state)
{
	assert_true(belongs("ft", "lt", "call-1", "reg;id=7"));
	assert_false(belongs("fT", "lt", "call-1", "reg;id=7"));
	assert_false(belongs("ft", "l", "call-1", "reg;id=7"));
	assert_false(belongs("ft", "lt", "call-2", "reg;id=7"));
	assert_false(belongs("ft", "lt", "call-1", "reg;id=8"));
	assert_false(belongs("ft", "lt", "call-1", "reg"));
}

static void a_refresh_must_rise_and_may_move(void **state)
{
	assert_int_equal(ims_reg_sub_refresh(&s, held_request(&h, "SUBSCRIBE",
							      1, LINES)),
			 -IMS_E_UNEXPECTED);
	assert_int_equal(ims_reg_sub_refresh(&s, held_request(&h, "SUBSCRIBE",
							      2, "")),
			 0);
	assert_str(s.target, "sip:ue@[2001::1]:39003;ob");
	assert_int_equal(ims_reg_sub_refresh(
				 &s, held_request(&h, "SUBSCRIBE", 3,
						  "Contact: <sip:new@x>\r\n")),
			 0);
	assert_str(s.target, "sip:new@x");
	assert_str(s.routes,
		   "<sip:tok@192.0.2.5:5070;lr>, <sip:p2.invalid;lr>");
	assert_int_equal(ims_reg_sub_refresh(&s,
					     held_request(&h, "SUBSCRIBE", 4,
							  "Contact: *\r\n")),
			 -IMS_E_SIP);
}

static void a_dialog_needs_a_contact_that_can_be_asked(void **state)
{
	static const char *const lines[] = {
		"",
		"Contact: *\r\n",
		"Contact: <tel:+1>\r\n",
		"Contact: <http://x/>\r\n",
	};
	struct ims_reg_sub t;

	for (size_t i = 0; i < N_OF(lines); i++)
		assert_int_equal(ims_reg_sub_init(&t,
						  held_request(&h, "SUBSCRIBE",
							       1, lines[i]),
						  IMS_S("x")),
				 -IMS_E_SIP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		T(our_request_turns_the_dialog_round),
		T(the_top_route_is_the_next_hop),
		T(only_all_ids_together_are_the_dialog),
		T(a_refresh_must_rise_and_may_move),
		T(a_dialog_needs_a_contact_that_can_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
