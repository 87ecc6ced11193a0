/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_refused.c - what is refused, by whom, and what each side reads. */
#include "flow_lab.h"

#include "test.h"

/* Writes `with` over the first `what` in a message that starts with `method`;
 * both are of one length.
 */
static void overwrite(char *bytes, size_t n, const char *method,
		      const char *what, const char *with)
{
	char *at;

	if (strncmp(bytes, method, strlen(method)) != 0)
		return;
	bytes[n] = '\0';
	at = strstr(bytes, what);
	if (at)
		memcpy(at, with, strlen(with));
}

static void change_verify(struct lab *l, bool from_ue, char *bytes, size_t cap,
			  size_t *n)
{
	char *at;

	bytes[*n] = '\0';
	at = from_ue ? strstr(bytes, "\r\nSecurity-Verify:") : NULL;
	if (at && (at = strstr(at, "mod=trans")))
		memcpy(at, "mod=tranz", 9);
}

static void a_changed_security_verify_is_refused(void **state)
{
	struct lab l;

	lab_init(&l, 1);
	l.tamper = change_verify;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_FAILED, 1, 400000));
	assert_int_equal(l.told[IMS_TELL_REGISTERED], 0);
	assert_true(l.core_problem[IMS_E_VERIFY] > 0);
	assert_non_null(strstr(l.text, "494"));
	lab_end(&l);
}

static void change_client(struct lab *l, bool from_ue, char *bytes, size_t cap,
			  size_t *n)
{
	bytes[*n] = '\0';
	if (from_ue && strstr(bytes, "\r\nSecurity-Verify:"))
		overwrite(bytes, *n, "REGISTER", "alg=hmac-sha-1-96",
			  "alg=hmac-xxx-1-96");
}

static void a_changed_security_client_is_refused(void **state)
{
	struct lab l;

	lab_init(&l, 2);
	l.tamper = change_client;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_FAILED, 1, 400000));
	assert_true(l.core_problem[IMS_E_CLIENT_CHANGED] > 0);
	lab_end(&l);
}

static void wrong_res(struct lab *l, bool from_ue, char *bytes, size_t cap,
		      size_t *n)
{
	char *at;

	bytes[*n] = '\0';
	at = from_ue ? strstr(bytes, "response=\"") : NULL;
	if (at && at[10] != '"')
		at[10] = at[10] == '0' ? '1' : '0';
}

static void a_wrong_response_gets_403(void **state)
{
	struct lab l;

	lab_init(&l, 3);
	l.tamper = wrong_res;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_FAILED, 1, 400000));
	assert_int_equal(l.failed, -IMS_E_REFUSED);
	assert_non_null(strstr(l.text, "403"));
	assert_true(l.core_problem[IMS_E_AKA_RES] > 0);
	lab_pass(&l, 300 * 1000);
	assert_int_equal(l.sets_core, 0);
	assert_int_equal(ims_pcscf_users(ims_run_core_pcscf(l.core)), 0);
	/* and once it is right, nothing stands in its way */
	l.tamper = NULL;
	lab_restart_ue(&l);
	assert_true(lab_until(&l, IMS_TELL_REGISTERED, 1, 60000));
	lab_end(&l);
}

static bool mute; /* the UE is gone, as far as anybody can tell */

static bool is_heard(struct lab *l, bool ue)
{
	(void)l;
	return !(ue && mute);
}

static void mute_after_401(struct lab *l, const struct ims_seen *m)
{
	(void)l;
	mute |= m->who == IMS_WHO_PCSCF && m->sent && m->flow->side == IMS_GM &&
		ims_str_starts(m->bytes, IMS_S("SIP/2.0 401"));
}

/* reg-await-auth: nothing is left of it, and it may be begun anew [24.229
 * 5.4.1.2.1, 5.2.2].
 */
static void a_challenge_that_nobody_answers_leaves_nothing(void **state)
{
	struct lab l;

	lab_init(&l, 14);
	mute = false;
	l.lives = is_heard;
	l.seen = mute_after_401;
	l.ue_conf.retry = true;
	lab_start(&l);
	lab_pass(&l, 200 * 1000);
	assert_true(mute);
	assert_int_equal(l.told[IMS_TELL_REGISTERED], 0);
	lab_pass(&l, 41 * 1000);
	assert_true(l.core_problem[IMS_E_SILENCE] > 0);
	assert_int_equal(l.sets_core, 0);
	assert_int_equal(ims_pcscf_users(ims_run_core_pcscf(l.core)), 0);
	assert_int_equal(ims_scscf_registered(ims_run_core_scscf(l.core)), 0);
	mute = false;
	l.seen = NULL;
	lab_restart_ue(&l);
	assert_true(lab_until(&l, IMS_TELL_REGISTERED, 1, 60000));
	lab_end(&l);
}

static void a_wrong_key_is_told_by_its_mac(void **state)
{
	struct lab l;

	lab_init(&l, 4);
	l.key_ue.k[0] ^= 1;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_FAILED, 1, 400000));
	assert_int_equal(l.failed, -IMS_E_AKA_MAC);
	assert_true(l.core_problem[IMS_E_AKA_MAC] > 0);
	lab_end(&l);
}

static void an_op_stored_as_opc_is_told_as_such(void **state)
{
	uint8_t op[16];
	struct lab l;

	lab_init(&l, 5);
	/* the core makes OPc from the OP; the card took the OP for an OPc */
	memcpy(op, l.key_ue.opc, sizeof op);
	assert_int_equal(ims_aka_key_op(&l.key_core, op, sizeof op), 0);
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_FAILED, 1, 400000));
	assert_int_equal(l.failed, -IMS_E_OP_AS_OPC);
	lab_end(&l);
}

static void an_sqn_out_of_range_is_resynchronised_once(void **state)
{
	struct lab l;

	lab_init(&l, 6);
	l.card_seq = UINT64_C(1) << 27;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 400000));
	assert_int_equal(l.told[IMS_TELL_FAILED], 0);
	assert_int_equal(l.core_problem[IMS_E_AKA_SQN], 1);
	lab_end(&l);
}

static void no_common_pair_is_told_to_both(void **state)
{
	struct lab l;

	lab_init(&l, 7);
	l.ue_conf.policy.n_suites = 1;
	l.ue_conf.policy.suites[0] =
		(struct ims_ipsec_suite){IMS_ALG_HMAC_MD5, IMS_EALG_NULL};
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_FAILED, 1, 400000));
	assert_int_equal(l.failed, -IMS_E_NO_MECH);
	assert_true(l.core_problem[IMS_E_NO_MECH] > 0);
	lab_end(&l);
}

static void a_refused_sa_at_the_core_is_no_black_hole(void **state)
{
	struct lab l;

	lab_init(&l, 8);
	l.refuse_core = -IMS_E_IPSEC;
	lab_start(&l);
	/* the answer comes at once, not by a timeout */
	assert_true(lab_until(&l, IMS_TELL_FAILED, 1, 1000));
	assert_true(l.core_problem[IMS_E_IPSEC] > 0);
	assert_non_null(strstr(l.text, "503"));
	l.refuse_core = 0;
	lab_end(&l);
}

static void a_refused_sa_at_the_ue_is_told(void **state)
{
	struct lab l;

	lab_init(&l, 9);
	l.refuse_ue = -IMS_E_NO_ESP;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_FAILED, 1, 1000));
	assert_int_equal(l.failed, -IMS_E_NO_ESP);
	lab_end(&l);
}

/* A whole clear datagram for the core's port, as anybody could send it. */
static void inject_clear(struct lab *l, uint16_t port, const char *text)
{
	uint8_t ip[4096], seg[4000];
	size_t n = 8 + strlen(text), head;
	uint16_t sum;

	memset(seg, 0, 8);
	seg[0] = 40000 >> 8;
	seg[1] = 40000 & 0xff;
	seg[2] = (uint8_t)(port >> 8);
	seg[3] = (uint8_t)port;
	seg[4] = (uint8_t)(n >> 8);
	seg[5] = (uint8_t)n;
	memcpy(seg + 8, text, n - 8);
	sum = ims_packet_checksum(l->ip_ue, l->ip_core, 17, seg, n);
	seg[6] = (uint8_t)(sum >> 8);
	seg[7] = (uint8_t)sum;
	head = ims_packet_header(ip, l->ip_ue, l->ip_core, 17, n);
	memcpy(ip + head, seg, n);
	assert_int_equal(ims_wire_inject(l->mem.wire, ip, head + n), 0);
}

static void clear_text_never_reaches_a_protected_port(void **state)
{
	struct lab l;

	lab_init(&l, 10);
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	inject_clear(&l, l.core_conf.pcscf.port_ps,
		     "REGISTER sip:x SIP/2.0\r\n\r\n");
	inject_clear(&l, l.core_conf.pcscf.port_pc[0], "x");
	lab_pass(&l, 1000);
	assert_int_equal(l.dropped[IMS_E_CLEAR], 2);
	lab_end(&l);
}

static void a_replayed_esp_packet_is_dropped(void **state)
{
	struct lab l;

	lab_init(&l, 11);
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	assert_true(l.n_esp > 0);
	assert_int_equal(ims_wire_inject(l.mem.wire, l.esp, l.n_esp), 0);
	lab_pass(&l, 1000);
	assert_int_equal(l.dropped[IMS_E_ESP_REPLAY], 1);
	lab_end(&l);
}

static void flip_bits(struct ims_ipsec_suite suite)
{
	struct lab l;
	unsigned n = 0;

	lab_init(&l, 12);
	l.ue_conf.policy.n_suites = 1;
	l.ue_conf.policy.suites[0] = suite;
	l.core_conf.pcscf.policy.allow_deprecated = true;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	/* anywhere behind SPI and sequence number; a new sequence number, so
	 * that it is not taken for a replay
	 */
	for (size_t at = 48; at < l.n_esp; at += 37, n++) {
		uint8_t packet[4096];

		memcpy(packet, l.esp, l.n_esp);
		packet[47] = (uint8_t)(packet[47] + 1);
		packet[at] ^= 4;
		assert_int_equal(ims_wire_inject(l.mem.wire, packet, l.n_esp),
				 0);
	}
	lab_pass(&l, 1000);
	assert_true(n > 10);
	assert_int_equal(l.dropped[IMS_E_ESP_ICV], n);
	lab_end(&l);
}

static void a_flipped_bit_in_esp_is_dropped(void **state)
{
	for (size_t i = 0; i < IMS_N_SUITES; i++)
		flip_bits(ims_ipsec_suites[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_changed_security_verify_is_refused),
		cmocka_unit_test(a_changed_security_client_is_refused),
		cmocka_unit_test(a_wrong_response_gets_403),
		cmocka_unit_test(
			a_challenge_that_nobody_answers_leaves_nothing),
		cmocka_unit_test(a_wrong_key_is_told_by_its_mac),
		cmocka_unit_test(an_op_stored_as_opc_is_told_as_such),
		cmocka_unit_test(an_sqn_out_of_range_is_resynchronised_once),
		cmocka_unit_test(no_common_pair_is_told_to_both),
		cmocka_unit_test(a_refused_sa_at_the_core_is_no_black_hole),
		cmocka_unit_test(a_refused_sa_at_the_ue_is_told),
		cmocka_unit_test(clear_text_never_reaches_a_protected_port),
		cmocka_unit_test(a_replayed_esp_packet_is_dropped),
		cmocka_unit_test(a_flipped_bit_in_esp_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
