/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_alive.c - keep-alives on the flow to the P-CSCF, and what a dead one
 * leads to.
 */
#include "flow_lab.h"

#include "test.h"

#define MINUTE UINT64_C(60000)

static void info(struct lab *l, struct ims_ue_info *out)
{
	ims_ue_info(ims_run_ue_role(l->ue), ims_wire_now(l->mem.wire), out);
}

static void a_ping_over_tcp_in_esp_has_its_pong(void **state)
{
	struct ims_ue_info i;
	struct lab l;

	lab_init(&l, 11);
	l.ue_conf.transport_register = IMS_UE_TCP;
	l.ue_conf.keep_alive_s = 30;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, MINUTE));
	lab_pass(&l, 10 * MINUTE);
	info(&l, &i);
	assert_int_equal(i.keep_s, 30);
	assert_in_range(i.pings, 20, 26);
	assert_int_equal(i.pongs, i.pings);
	assert_int_equal(l.told[IMS_TELL_REFRESHED], 0);
	assert_int_equal(l.told[IMS_TELL_PROBLEM], 0);
	assert_string_equal(i.state, "registered");
	lab_end(&l);
}

static void over_udp_nobody_is_asked_for_an_answer(void **state)
{
	struct ims_ue_info i;
	struct lab l;

	lab_init(&l, 12);
	l.ue_conf.keep_alive_s = 30;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, MINUTE));
	lab_pass(&l, 10 * MINUTE);
	info(&l, &i);
	assert_in_range(i.pings, 20, 26);
	assert_int_equal(i.pongs, 0);
	assert_int_equal(l.told[IMS_TELL_REFRESHED], 0);
	assert_int_equal(l.told[IMS_TELL_PROBLEM], 0);
	lab_end(&l);
}

static void unasked_and_unwanted_there_are_none(void **state)
{
	struct ims_ue_info i;
	struct lab l;

	lab_init(&l, 13);
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, MINUTE));
	lab_pass(&l, 10 * MINUTE);
	info(&l, &i);
	assert_int_equal(i.keep_s, 0);
	assert_int_equal(i.pings, 0);
	lab_end(&l);
}

static void negotiated_over_udp_it_is_stun_in_esp(void **state)
{
	struct ims_ue_info i;
	struct lab l;

	lab_init(&l, 16);
	l.ue_conf.keep = true;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, MINUTE));
	lab_pass(&l, 10 * MINUTE);
	info(&l, &i);
	assert_true(i.keep_s > 0);
	assert_true(i.pings > 5);
	assert_int_equal(i.pongs, i.pings);
	assert_int_equal(l.told[IMS_TELL_REFRESHED], 0);
	assert_int_equal(l.told[IMS_TELL_PROBLEM], 0);
	lab_end(&l);
}

/* Answers of a transaction that is not ours. */
static void spoil(struct lab *l, bool from_ue, char *bytes, size_t cap,
		  size_t *n)
{
	if (!from_ue && *n >= 20 && bytes[0] == 0x01)
		bytes[8] ^= 1;
}

static void a_dead_flow_is_tried_with_a_register(void **state)
{
	struct ims_ue_info i;
	struct lab l;

	lab_init(&l, 14);
	l.ue_conf.keep = true;
	l.tamper = spoil;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, MINUTE));
	assert_true(lab_until(&l, IMS_TELL_REFRESHED, 1, 3 * MINUTE));
	assert_int_equal(l.told[IMS_TELL_FAILED], 0);
	info(&l, &i);
	assert_int_equal(i.pings, 1);
	assert_int_equal(i.pongs, 0);
	assert_string_equal(i.state, "registered");
	lab_end(&l);
}

static void info_shows_the_whole_registration(void **state)
{
	struct ims_ue_info i;
	struct lab l;

	lab_init(&l, 15);
	lab_start(&l);
	info(&l, &i);
	assert_string_equal(i.state, "trying");
	assert_int_equal(i.n_sets, 0);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, MINUTE));
	info(&l, &i);
	assert_string_equal(i.state, "registered");
	assert_string_equal(i.sub_state, "active");
	assert_in_range(i.expires_s, 599900, 600000);
	assert_in_range(i.sub_expires_s, 599900, 600000);
	assert_int_equal(i.n_impus, 1);
	assert_string_equal(i.impu[0].state, "registered");
	assert_true(i.impu[0].is_default);
	assert_int_equal(i.n_sets, 1);
	assert_string_equal(i.set[0].which, "in use");
	assert_int_equal(i.set[0].id, i.set[0].ue.spi_s);
	assert_int_equal(i.set[0].suite.ealg, IMS_EALG_AES_GCM);
	assert_true(i.set[0].ends_s > i.expires_s);
	assert_int_equal(i.pcscf.port, 5060);
	lab_end(&l);
}

static void a_gruu_of_the_registrar_is_our_contact(void **state)
{
	struct ims_ue_info i;
	struct lab l;

	lab_init(&l, 17);
	l.ue_conf.gruu = true;
	strcpy(l.ue_conf.instance, "<urn:gsma:imei:35910506-000422-0>");
	l.core_conf.scscf.gruu = true;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, MINUTE));
	info(&l, &i);
	assert_true(i.pub_gruu.n > 0);
	assert_true(i.temp_gruu.n > 0);
	ims_run_ue_stop(l.ue);
	assert_true(lab_until(&l, IMS_TELL_DEREGISTERED, 1, MINUTE));
	info(&l, &i);
	assert_int_equal(i.pub_gruu.n, 0);
	lab_end(&l);
}

/* In the 200 one GRUU, in the NOTIFY another. */
static void change_gruu(struct lab *l, bool from_ue, char *bytes, size_t cap,
			size_t *n)
{
	static const char before[] = "<gr:pub-gruu uri=\"sip:";
	char *at;

	(void)l;
	if (from_ue || *n < 7 || memcmp(bytes, "NOTIFY ", 7) != 0)
		return;
	at = memmem(bytes, *n, before, sizeof before - 1);
	assert_non_null(at);
	assert_true(cap > *n);
	at[sizeof before - 1] = 'N';
}

static void a_gruu_of_a_notify_replaces_it(void **state)
{
	struct ims_ue_info i;
	struct lab l;

	lab_init(&l, 18);
	l.ue_conf.gruu = true;
	strcpy(l.ue_conf.instance, "<urn:gsma:imei:35910506-000422-0>");
	l.core_conf.scscf.gruu = true;
	l.tamper = change_gruu;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_REGISTERED, 1, MINUTE));
	info(&l, &i);
	assert_true(ims_str_starts(i.pub_gruu, IMS_S("sip:0")));
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, MINUTE));
	info(&l, &i);
	assert_true(ims_str_starts(i.pub_gruu, IMS_S("sip:N")));
	assert_true(i.temp_gruu.n > 0);
	lab_end(&l);
}

/* The mapped port in pongs, from a while after the beginning on. */
static void map_elsewhere(struct lab *l, bool from_ue, char *bytes, size_t cap,
			  size_t *n)
{
	(void)cap;
	if (!from_ue && *n >= 28 && bytes[0] == 0x01 && bytes[21] == 0x20 &&
	    ims_wire_now(l->mem.wire) > 5 * MINUTE)
		bytes[27] ^= 1;
}

static void who_is_seen_elsewhere_registers_again_once(void **state)
{
	struct ims_ue_info i;
	struct lab l;

	lab_init(&l, 19);
	l.ue_conf.keep = true;
	l.tamper = map_elsewhere;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, MINUTE));
	lab_pass(&l, 3 * MINUTE);
	assert_int_equal(l.told[IMS_TELL_REFRESHED], 0);
	lab_pass(&l, 20 * MINUTE);
	assert_int_equal(l.told[IMS_TELL_REFRESHED], 1);
	info(&l, &i);
	assert_string_equal(i.state, "registered");
	assert_int_equal(i.pongs, i.pings);
	lab_end(&l);
}

/* One more byte than fits beside ESP: TCP, and all goes well. */
static void what_does_not_fit_beside_esp_goes_by_tcp(void **state)
{
	struct lab l;

	lab_init(&l, 20);
	l.ue_conf.transport_other = IMS_UE_AUTO;
	l.ue_conf.udp_max = 600;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, MINUTE));
	assert_int_equal(l.told[IMS_TELL_PROBLEM], 0);
	lab_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ping_over_tcp_in_esp_has_its_pong),
		cmocka_unit_test(over_udp_nobody_is_asked_for_an_answer),
		cmocka_unit_test(unasked_and_unwanted_there_are_none),
		cmocka_unit_test(negotiated_over_udp_it_is_stun_in_esp),
		cmocka_unit_test(a_dead_flow_is_tried_with_a_register),
		cmocka_unit_test(a_gruu_of_the_registrar_is_our_contact),
		cmocka_unit_test(a_gruu_of_a_notify_replaces_it),
		cmocka_unit_test(who_is_seen_elsewhere_registers_again_once),
		cmocka_unit_test(what_does_not_fit_beside_esp_goes_by_tcp),
		cmocka_unit_test(info_shows_the_whole_registration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
