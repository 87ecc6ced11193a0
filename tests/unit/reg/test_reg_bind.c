/* SPDX-License-Identifier: BSD-2-Clause */
/* test_reg_bind.c - contacts come, are refreshed, replaced, and go. */
#include "base_heap.h"
#include "msg.h"
#include "reg_bind.h"

#define MAX 600000

static struct ims_reg_binds b;

static int setup(void **state)
{
	ims_reg_binds_init(&b);
	return 0;
}

static int teardown(void **state)
{
	ims_reg_binds_free(&b);
	return 0;
}

static int reg_call(const char *call_id, unsigned cseq, const char *lines,
		    uint64_t now_ms)
{
	static struct held h;
	const struct ims_sip_msg *m = held_request(&h, "REGISTER", cseq, lines);
	struct ims_reg_ask ask;
	bool late;
	int err;

	if (call_id)
		h.m.call_id = ims_str(call_id);
	assert_int_equal(ims_reg_ask_get(m, 3600, &ask, NULL), 0);
	late = ims_reg_binds_overtaken(&b, &ask, m);
	err = ims_reg_binds_apply(&b, &ask, m, MAX, now_ms);
	assert_int_equal(late, err == -IMS_E_UNEXPECTED);
	return err;
}

static int reg(unsigned cseq, const char *lines, uint64_t now_ms)
{
	return reg_call(NULL, cseq, lines, now_ms);
}

/* "uri/event" of each, in order; a '-' before those that went. */
static void assert_binds(const char *want)
{
	char got[2048] = "";

	ims_list_each (pos, &b.list) {
		struct ims_reg_contact *c =
			ims_container(pos, struct ims_reg_contact, node);
		size_t n = strlen(got);

		snprintf(got + n, sizeof(got) - n, "%s%s%.*s/%s", n ? " " : "",
			 c->active ? "" : "-", IMS_STR_ARG(c->uri),
			 ims_reginfo_event_name(c->event));
	}
	assert_string_equal(got, want);
}

static struct ims_reg_contact *only(void)
{
	assert_int_equal(b.n, 1);
	return ims_container(b.list.next, struct ims_reg_contact, node);
}

static void a_contact_is_kept_as_it_was_registered(void **state)
{
	char mem[512];
	struct ims_buf out;

	assert_int_equal(
		reg(1,
		    "Path: <sip:t@p1;lr>\r\nPath: <sip:p2;lr>\r\n"
		    "Contact: <sip:a@x:39003> ; +g.3gpp.smsip;video ;expires=60"
		    ";+sip.instance=\"<urn:x>\";reg-id=1\r\n",
		    1000),
		0);
	assert_str(only()->path, "<sip:t@p1;lr>, <sip:p2;lr>");
	assert_str(only()->call_id, "call-1");
	ims_buf_init(&out, mem, sizeof(mem));
	ims_reg_contact_put(&out, only(), 1000);
	assert_str(ims_buf_str(&out),
		   "<sip:a@x:39003>;+g.3gpp.smsip;video;"
		   "+sip.instance=\"<urn:x>\";reg-id=1;expires=60");
}

static void the_same_contact_is_refreshed_in_place(void **state)
{
	uint32_t id;

	assert_int_equal(reg(1, "Contact: <sip:a@x>;expires=60\r\n", 0), 0);
	id = only()->id;
	assert_int_equal(reg(2, "Contact: <sip:a@X>;video\r\n", 1000), 0);
	assert_binds("sip:a@X/refreshed");
	assert_int_equal(only()->id, id);
	assert_str(only()->params, ";video");
	assert_int_equal(only()->expires_ms, 3601000);
}

static void without_reg_id_a_new_contact_replaces_the_old(void **state)
{
	reg(1, "Contact: <sip:a@x>\r\n", 0);
	reg(2, "Contact: <sip:b@x>\r\n", 0);
	assert_binds("-sip:a@x/deactivated sip:b@x/registered");
	assert_int_equal(b.n, 1);
	ims_reg_binds_sweep(&b, UINT64_MAX);
	assert_binds("sip:b@x/registered");
}

static void with_reg_id_flows_stand_side_by_side(void **state)
{
#define FLOW(u, i, r) \
	"Contact: <sip:" u ">;+sip.instance=\"<" i ">\";reg-id=" r "\r\n"
	reg(1, FLOW("a@x", "i", "1"), 0);
	reg(2, FLOW("b@x", "i", "2"), 0);
	reg(3, FLOW("c@x", "j", "1"), 0);
	assert_int_equal(b.n, 3);
	/* the same flow with a new address */
	reg(4, FLOW("d@x", "i", "2"), 0);
	assert_binds("sip:a@x/registered -sip:b@x/deactivated "
		     "sip:c@x/registered sip:d@x/registered");
	ims_reg_binds_sweep(&b, UINT64_MAX);
	reg(5, "Contact: <sip:e@x>\r\n", 0);
	assert_int_equal(b.n, 1);
}

static void contacts_of_one_request_do_not_replace_each_other(void **state)
{
	reg(1, "Contact: <sip:a@x>, <sip:b@x>\r\n", 0);
	assert_int_equal(b.n, 2);
	reg(2, "Contact: <sip:b@x>, <sip:a@x>\r\n", 0);
	assert_binds("sip:a@x/refreshed sip:b@x/refreshed");
	reg(3, "Contact: <sip:c@x>, <sip:c@x>\r\n", 0);
	ims_reg_binds_sweep(&b, UINT64_MAX);
	assert_binds("sip:c@x/refreshed");
}

static void expires_0_and_star_remove(void **state)
{
	reg(1, "Contact: <sip:a@x>, <sip:b@x>\r\n", 0);
	reg(2, "Contact: <sip:a@x>;expires=0, <sip:z@x>;expires=0\r\n", 0);
	assert_binds("-sip:a@x/unregistered sip:b@x/registered");
	ims_reg_binds_sweep(&b, UINT64_MAX);
	reg(3, "Contact: *\r\nExpires: 0\r\n", 0);
	assert_binds("-sip:b@x/unregistered");
	assert_int_equal(b.n, 0);
	assert_true(ims_reg_binds_due(&b) == IMS_NEVER);
}

static bool empties(const char *lines)
{
	static struct held h;
	struct ims_reg_ask ask;

	assert_int_equal(ims_reg_ask_get(held_request(&h, "REGISTER", 9, lines),
					 3600, &ask, NULL),
			 0);
	return ims_reg_binds_empties(&b, &ask);
}

static void it_is_known_before_whether_nothing_will_be_left(void **state)
{
	reg(1, "Contact: <sip:a@x>, <sip:b@x>\r\n", 0);
	assert_true(empties("Contact: *\r\nExpires: 0\r\n"));
	assert_true(empties("Contact: <sip:a@x>, <sip:b@x>\r\nExpires: 0\r\n"));
	assert_false(empties("Contact: <sip:a@x>\r\nExpires: 0\r\n"));
	assert_false(
		empties("Contact: <sip:a@x>, <sip:a@x>\r\nExpires: 0\r\n"));
	assert_false(
		empties("Contact: <sip:a@x>, <sip:c@x>\r\nExpires: 0\r\n"));
	assert_false(empties("Contact: <sip:a@x>;expires=0, <sip:b@x>\r\n"));
	assert_false(empties("Expires: 0\r\n"));
}

static void an_overtaken_request_changes_nothing(void **state)
{
	reg(5, "Contact: <sip:a@x>;video\r\n", 0);
	assert_int_equal(reg(5, "Contact: <sip:a@x>\r\n", 0),
			 -IMS_E_UNEXPECTED);
	assert_int_equal(reg(4, "Contact: <sip:a@x>;expires=0\r\n", 0),
			 -IMS_E_UNEXPECTED);
	assert_int_equal(reg(5, "Contact: *\r\nExpires: 0\r\n", 0),
			 -IMS_E_UNEXPECTED);
	assert_binds("sip:a@x/registered");
	assert_str(only()->params, ";video");
}

static void all_or_nothing_when_there_are_too_many(void **state)
{
	char lines[128];

	for (unsigned i = 1; i <= IMS_REG_CONTACTS; i++) {
		snprintf(
			lines, sizeof(lines),
			"Contact: <sip:%u@x>;+sip.instance=\"i\";reg-id=%u\r\n",
			i, i);
		assert_int_equal(reg(i, lines, 0), 0);
	}
	assert_int_equal(
		reg(99,
		    "Contact: <sip:1@x>;video;+sip.instance=\"i\";reg-id=1\r\n"
		    "Contact: <sip:9@x>;+sip.instance=\"i\";reg-id=9\r\n",
		    0),
		-IMS_E_TOOBIG);
	assert_int_equal(b.n, IMS_REG_CONTACTS);
	ims_list_each (pos, &b.list) {
		assert_int_equal(
			ims_container(pos, struct ims_reg_contact, node)->event,
			IMS_REGINFO_REGISTERED);
	}
}

static void time_takes_them_away(void **state)
{
	reg(1, "Contact: <sip:a@x>;expires=10, <sip:b@x>;expires=20\r\n", 1000);
	assert_true(ims_reg_binds_due(&b) == 11000);
	assert_int_equal(ims_reg_binds_expire(&b, 10999), 0);
	assert_int_equal(ims_reg_binds_expire(&b, 11000), 1);
	assert_binds("-sip:a@x/expired sip:b@x/registered");
	assert_true(ims_reg_binds_due(&b) == 21000);
	ims_reg_binds_sweep(&b, UINT64_MAX);
	assert_int_equal(ims_reg_contact_left(only(), 1000), 20);
	assert_int_equal(ims_reg_contact_left(only(), 1001), 20);
	assert_int_equal(ims_reg_contact_left(only(), 20999), 1);
	assert_int_equal(ims_reg_contact_left(only(), 99999), 1);
}

static void no_expiry_is_longer_than_the_limit(void **state)
{
	reg(1, "Contact: <sip:a@x>;expires=4294967295\r\n", 0);
	assert_true(only()->expires_ms == MAX * UINT64_C(1000));
}

static void reginfo_gets_every_feature_but_expires_and_q(void **state)
{
	struct ims_reginfo_param param[16];
	struct ims_reginfo_contact c;

	reg(1,
	    "Contact: <sip:a@x>;q=0.5;video;expires=9;"
	    "+sip.instance=\"<u\r\n rn:x>\"\r\n",
	    0);
	ims_reg_contact_info(only(), 0, param, N_OF(param), &c);
	assert_int_equal(c.n_params, 2);
	assert_str(c.param[0].name, "video");
	assert_str(c.param[0].value, "");
	assert_str(c.param[1].name, "+sip.instance");
	assert_str(c.param[1].value, "\"<u rn:x>\"");
	assert_int_equal(c.state, IMS_REGINFO_ACTIVE);
	assert_false(c.has_expires);
	ims_reg_contact_info(only(), 0, param, 1, &c);
	assert_int_equal(c.n_params, 1);
	ims_reg_binds_end(&b, IMS_REGINFO_REJECTED, 0);
	ims_reg_contact_info(ims_container(b.list.next, struct ims_reg_contact,
					   node),
			     0, param, N_OF(param), &c);
	assert_int_equal(c.state, IMS_REGINFO_TERMINATED);
	assert_int_equal(c.event, IMS_REGINFO_REJECTED);
}

static bool repeats(unsigned cseq, const char *lines)
{
	static struct held h;
	const struct ims_sip_msg *m = held_request(&h, "REGISTER", cseq, lines);
	struct ims_reg_ask ask;

	assert_int_equal(ims_reg_ask_get(m, 3600, &ask, NULL), 0);
	return ims_reg_binds_repeats(&b, &ask, m);
}

static void the_very_same_register_is_known_again(void **state)
{
	static const char two[] = "Contact: <sip:a@x>, <sip:b@x>\r\n";

	reg(7, two, 0);
	assert_true(repeats(7, two));
	assert_true(repeats(7, "Contact: <sip:a@x>\r\n"));
	assert_false(repeats(6, two));
	assert_false(repeats(8, two));
	assert_false(repeats(7, "Contact: <sip:c@x>\r\n"));
	assert_false(repeats(7, "Contact: <sip:a@x>;expires=0\r\n"));
	assert_false(repeats(7, "Contact: *\r\nExpires: 0\r\n"));
	assert_false(repeats(7, ""));
}

/* What came late must not replace what is newer [RFC 3261 10.3]. */
static void an_overtaken_contact_replaces_nothing(void **state)
{
	reg(7, "Contact: <sip:a@x>\r\n", 0);
	assert_int_equal(reg(6, "Contact: <sip:b@x>\r\n", 0),
			 -IMS_E_UNEXPECTED);
	assert_binds("sip:a@x/registered");
}

/* Another Call-ID does not make the one before it good again. */
static void nor_does_one_of_a_call_id_of_before(void **state)
{
#define LATE(call, cseq, lines) \
	assert_int_equal(reg_call(call, cseq, lines, 0), -IMS_E_UNEXPECTED)
#define FINE(call, cseq, lines) \
	assert_int_equal(reg_call(call, cseq, lines, 0), 0)
#define GO "Contact: <sip:a@x>;expires=0\r\n"
#define COME "Contact: <sip:a@x>\r\n"
	FINE("c1", 7, COME);
	FINE("c2", 1, COME);
	LATE("c1", 7, COME);
	LATE("c1", 6, GO);
	LATE("c1", 5, "Contact: *\r\nExpires: 0\r\n");
	LATE("c1", 5, "Contact: <sip:b@x>\r\n");
	assert_binds("sip:a@x/refreshed");
	FINE("c1", 8, COME); /* he went back to it */
	LATE("c2", 1, COME);
	FINE("c1", 9, "Contact: <sip:b@x>\r\n");
	LATE("c1", 9, COME);
	/* only the last few are remembered */
	for (unsigned i = 0; i < IMS_REG_PAST + 1; i++) {
		char call[8];

		snprintf(call, sizeof(call), "d%u", i);
		FINE(call, 5, COME);
	}
	LATE("d0", 5, COME);
	FINE("c1", 1, COME);
}

static void who_has_left_may_count_anew(void **state)
{
	FINE("c1", 7, COME);
	FINE("c1", 8, GO);
	FINE("c1", 1, COME);
	FINE("c2", 1, COME);
	FINE("c2", 2, GO);
	FINE("c2", 1, COME);
	FINE("c1", 1, COME);
}

static void each_flow_has_its_own_order(void **state)
{
	FINE("c1", 5, FLOW("a@x", "i", "1"));
	FINE("c1", 4, FLOW("b@x", "i", "2"));
	FINE("c1", 6,
	     "Contact: <sip:b@x>;+sip.instance=\"<i>\";reg-id=2"
	     ";expires=0\r\n");
	LATE("c1", 6, FLOW("b@x", "i", "2"));
	LATE("c1", 6, "Contact: *\r\nExpires: 0\r\n");
	FINE("c1", 7, FLOW("b@x", "i", "2"));
	FINE("c2", 1, FLOW("c@x", "i", "1"));
	LATE("c1", 5, FLOW("a@x", "i", "1"));
	FINE("c1", 6, FLOW("a@x", "i", "1"));
}

/* Whatever their Call-IDs: which was asked for first? */
static void an_answer_to_an_earlier_challenge_replaces_nothing(void **state)
{
	b.order = 2;
	FINE("c2", 2, FLOW("a@x", "i", "1"));
	b.order = 1;
	LATE("c1", 3, FLOW("b@x", "i", "1"));
	LATE("c1", 3, "Contact: <sip:b@x>\r\n");
	LATE("c1", 3, "Contact: *\r\nExpires: 0\r\n");
	/* another flow is not concerned */
	FINE("c1", 3, FLOW("b@x", "i", "2"));
	b.order = 2;
	FINE("c1", 4, FLOW("b@x", "i", "1"));
}

static void what_was_kept_comes_back_as_it_was(void **state)
{
	struct ims_reg_binds back;
	struct ims_reg_contact *c;

	reg(1, "Contact: <sip:a@x>;+sip.instance=\"i\";reg-id=2;video\r\n", 0);
	c = only();
	c->first_cseq = 9;
	ims_reg_binds_init(&back);
	assert_int_equal(ims_reg_binds_restore(&back, c), 0);
	assert_int_equal(ims_reg_binds_restore(&back, c), -IMS_E_EXISTS);
	assert_int_equal(back.n, 1);
	assert_int_equal(back.last_id, c->id);
	teardown(state);
	b = back;
	ims_list_init(&b.list);
	ims_list_each (pos, &back.list) {
		ims_list_del(pos);
		ims_list_add(&b.list, pos);
	}
	c = only();
	assert_str(c->uri, "sip:a@x");
	assert_str(c->params, ";+sip.instance=\"i\";reg-id=2;video");
	assert_str(c->instance, "\"i\"");
	assert_int_equal(c->reg_id, 2);
	assert_int_equal(c->first_cseq, 9);
	assert_true(c->expires_ms == 3600000);
	for (uint32_t i = 2; i <= IMS_REG_CONTACTS; i++) {
		struct ims_reg_contact like = *c;

		like.id = i;
		assert_int_equal(ims_reg_binds_restore(&b, &like), 0);
	}
	assert_int_equal(ims_reg_binds_restore(
				 &b, &(struct ims_reg_contact){.id = 99,
							       .active = true}),
			 -IMS_E_TOOBIG);
	/* and who went, while that is still to be told */
	for (uint32_t i = 20; i < 20 + IMS_REG_CONTACTS; i++) {
		struct ims_reg_contact like = *c;

		like.id = i;
		like.active = false;
		assert_int_equal(ims_reg_binds_restore(&b, &like), 0);
	}
	assert_int_equal(
		ims_reg_binds_restore(&b, &(struct ims_reg_contact){.id = 99}),
		-IMS_E_TOOBIG);
	assert_int_equal(b.n, IMS_REG_CONTACTS);
}

static void shortened_is_never_longer(void **state)
{
	reg(1, "Contact: <sip:a@x>;expires=100, <sip:b@x>;expires=1000\r\n", 0);
	ims_reg_binds_shorten(&b, 500000);
	assert_binds("sip:a@x/shortened sip:b@x/shortened");
	assert_true(ims_reg_binds_due(&b) == 100000);
	assert_int_equal(ims_reg_binds_expire(&b, 100000), 1);
	assert_true(ims_reg_binds_due(&b) == 500000);
}

static void a_gruu_is_asked_for_by_who_has_an_instance(void **state)
{
	reg(3, "Contact: <sip:a@x>\r\nSupported: gruu\r\n", 0);
	assert_int_equal(only()->first_cseq, 0);
	reg(4, "Contact: <sip:a@x>;+sip.instance=\"i\"\r\nk: gruu\r\n", 0);
	assert_int_equal(only()->first_cseq, 4);
	reg(5,
	    "Contact: <sip:a@x>;+sip.instance=\"i\";pub-gruu=\"x\"\r\n"
	    "k: gruu\r\n",
	    0);
	assert_int_equal(only()->first_cseq, 4);
	assert_str(only()->params, ";+sip.instance=\"i\"");
	reg(6, "Contact: <sip:a@x>;+sip.instance=\"i\"\r\n", 0);
	assert_int_equal(only()->first_cseq, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		T(a_contact_is_kept_as_it_was_registered),
		T(the_same_contact_is_refreshed_in_place),
		T(without_reg_id_a_new_contact_replaces_the_old),
		T(with_reg_id_flows_stand_side_by_side),
		T(contacts_of_one_request_do_not_replace_each_other),
		T(expires_0_and_star_remove),
		T(it_is_known_before_whether_nothing_will_be_left),
		T(an_overtaken_request_changes_nothing),
		T(all_or_nothing_when_there_are_too_many),
		T(time_takes_them_away),
		T(no_expiry_is_longer_than_the_limit),
		T(the_very_same_register_is_known_again),
		T(an_overtaken_contact_replaces_nothing),
		T(nor_does_one_of_a_call_id_of_before),
		T(who_has_left_may_count_anew),
		T(each_flow_has_its_own_order),
		T(an_answer_to_an_earlier_challenge_replaces_nothing),
		T(what_was_kept_comes_back_as_it_was),
		T(shortened_is_never_longer),
		T(a_gruu_is_asked_for_by_who_has_an_instance),
		T(reginfo_gets_every_feature_but_expires_and_q),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
