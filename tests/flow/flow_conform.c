/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_conform.c - our own UE against every conformance test: as it is it passes,
 * and with something wrong on purpose it fails, each time for that reason.
 */
#include "flow_lab.h"

#include "conform.h"
#include "test.h"

/* clang-format off */
/* What our UE does wrong, and the line that says so. */
static const struct fails {
	const char *id, *inject, *line;
} fails[] = {
	{"8.1", "verify-altered@all", "2 REGISTER with the answer: Security-Verify is"},
	{"8.1-md5", "sub-in-clear", "3 SUBSCRIBE: inside the SAs"},
	{"8.1-sha1", "notify-481", "4 answer to NOTIFY: 200"},
	{"8.1-barred", "sub-other-user", "3 SUBSCRIBE: for the first identity"},
	{"8.2", "late@3", "5 re-REGISTER: nothing for 60 s"},
	{"8.2-1200", "late@3", "5 re-REGISTER: nothing for 600 s"},
	{"8.2-1800", "late@3", "5 re-REGISTER: nothing for 1200 s"},
	{"8.3", "verify-missing@2", "5 REGISTER that ends it: Security-Verify is"},
	{"8.4", "expires-3600", "2 REGISTER after 423: at least Min-Expires"},
	{"9.1", "sqn-failure", "2 REGISTER after a wrong MAC: empty response and no auts"},
	{"9.2", "mac-failure", "2 REGISTER after a wrong SQN: auts of 14 bytes"},
	{"10.1", "sub-again", "4 SUBSCRIBE after Retry-After: not too early"},
	{"11.1", "again", "7 no REGISTER: it should not have come"},
	{"11.1-deactivated", "proof-in-clear@2", "7 REGISTER with the answer: inside the SAs"},
	{"11.2", "res-empty@3", "7 REGISTER with the answer: a response to the nonce"},
	{"12.2a", "no-sec-agree@2", "4 REGISTER from the beginning: sec-agree in Require"},
	{"C.23", "verify-missing@2", "3 REGISTER of a further identity: Security-Verify is"},
	{"403", "again", "2 no second try by itself: it should not have come"},
	{"503", "again", "2 REGISTER from the beginning: not too early"},
	{"probation", "again", "5 REGISTER from the beginning: not too early"},
	{"tahi-8", "sub-again", "5 SUBSCRIBE once more: in the dialog"},
	{"tahi-9", "sub-no-route@3", "6 a new SUBSCRIBE: Route: the P-CSCF"},
	{"tahi-10", "sub-no-route@2", "6 a new SUBSCRIBE: Route: the P-CSCF"},
	{"tahi-11", "expires-3600", "6 re-REGISTER after 423: at least Min-Expires"},
	{"tahi-12", "no-sec-agree@2", "6 REGISTER from the beginning: sec-agree in Require"},
	{"tahi-13", "no-sec-agree@2", "6 REGISTER from the beginning: sec-agree in Require"},
	{"tahi-14", "client-missing@3", "7 REGISTER with the answer: the same Security-Client"},
	{"tahi-15", "again@3", "6 REGISTER from the beginning: outside the SAs"},
	{"tahi-16", "no-sec-agree@2", "2 REGISTER from the beginning: sec-agree in Require"},
	{"tahi-17", "verify-other-set@3", "6 REGISTER with the answer: Security-Verify is"},
	{"tahi-18", "sqn-failure@2", "7 re-REGISTER after a wrong MAC: empty response and no auts"},
	{"tahi-19", "again@3", "4 no third try: it should not have come"},
	{"tahi-21", "verify-altered@3", "6 REGISTER that ends it, with the answer: Security-Verify is"},
	{"tahi-23", "client-changed@all", "2 REGISTER with the answer: the same Security-Client"},
	{"tahi-24", "proof-lost@all", "2 REGISTER with the answer: "},
	{"tahi-b7", "believes-clear", "3 REGISTER from the beginning: outside the SAs"},
	{"tahi-b8", "believes-clear", "4 no answer to a NOTIFY in the clear: it should not have come"},
};
/* clang-format on */

static struct ims_conform *conform;

static void seen(struct lab *l, const struct ims_seen *m)
{
	if (m->who == IMS_WHO_PCSCF && m->flow->side == IMS_GM)
		ims_conform_seen(conform, !m->sent, m->flow, m->bytes,
				 ims_wire_now(l->mem.wire));
}

static void suites(struct lab *l, const struct ims_conform_conf *c)
{
	struct ims_secagree_policy *p = &l->core_conf.pcscf.policy;

	p->allow_deprecated = true;
	if (!c->alg)
		return;
	p->n_suites = 1;
	p->suites[0].alg =
		(enum ims_ipsec_alg)ims_ipsec_alg_find(ims_str(c->alg));
	p->suites[0].ealg =
		(enum ims_ipsec_ealg)ims_ipsec_ealg_find(ims_str(c->ealg));
}

static void inject(struct ims_inject *j, const char *cases)
{
	struct ims_str rest = ims_str(cases);
	struct ims_flaw why;

	while (rest.n) {
		size_t n = ims_str_find(rest, ',');

		if (ims_inject_add(j, ims_str_n(rest.p, n), &why))
			fail_msg("%s", why.text);
		rest = ims_str_from(rest, n + 1);
	}
}

static void obey(struct lab *l)
{
	const char *impu = ims_conform_impu(conform);

	switch (ims_conform_order(conform)) {
	case IMS_CONFORM_REJECT:
		ims_run_core_order(l->core, IMS_SCSCF_DEREG_REJECTED,
				   ims_str(impu), 0);
		break;
	case IMS_CONFORM_DEACTIVATE:
		ims_run_core_order(l->core, IMS_SCSCF_DEREG_DEACTIVATED,
				   ims_str(impu), 0);
		break;
	case IMS_CONFORM_REAUTH:
		ims_run_core_order(l->core, IMS_SCSCF_REAUTH, ims_str(impu),
				   ims_conform_order_s(conform));
		break;
	case IMS_CONFORM_NOTHING:
		break;
	}
}

/* The tests that want it switched off say so. */
static bool leaves(const struct ims_conform_test *t)
{
	return strstr(t->prompt, "off") != NULL;
}

static void run(struct lab *l, const struct ims_conform_test *t)
{
	bool left = !leaves(t);

	while (!ims_conform_verdict(conform)) {
		uint64_t due = ims_conform_due(conform);

		obey(l);
		if (!left && l->told[IMS_TELL_NOTIFIED]) {
			left = true;
			lab_pass(l, 2000);
			ims_run_ue_stop(l->ue);
		}
		if (!ims_run_mem_turn(&l->mem, due))
			ims_conform_tick(conform, ims_wire_now(l->mem.wire));
	}
}

/* What the tester reads of what was wrong. */
static void keep_wrong(struct ims_str lines, struct ims_buf *b)
{
	while (lines.n) {
		size_t n = ims_str_find(lines, '\n');

		if (*lines.p == 'F')
			ims_buf_printf(b, "%.*s\n", (int)n, lines.p);
		lines = ims_str_from(lines, n + 1);
	}
	ims_buf_cstr(b);
}

static void conf(struct lab *l, const struct ims_conform_test *t,
		 enum ims_ue_transport transport)
{
	l->ue_conf.retry = true;
	l->ue_conf.transport_register = l->ue_conf.transport_other = transport;
	l->core_conf.scscf.service_route = true;
	l->core_conf.scscf.challenge_refresh = t->conf.reauth;
	l->core_conf.scscf.max_expires = l->core_conf.scscf.default_expires =
		t->conf.expires_max ? t->conf.expires_max : 600;
	suites(l, &t->conf);
	if (strstr(t->prompt, "further")) {
		snprintf(l->ue_conf.more[0], sizeof l->ue_conf.more[0], "%s",
			 "sip:further@ims.mnc001.mcc001.3gppnetwork.org");
		l->ue_conf.n_more = 1;
	}
}

/* One test of a UE that does these things wrong; what the tester reads. */
static enum ims_conform_verdict play(const struct ims_conform_test *t,
				     enum ims_ue_transport transport,
				     const char *wrong, struct ims_buf *out)
{
	struct ims_inject *core = ims_inject_new(false);
	struct ims_inject *ue = ims_inject_new(true);
	enum ims_conform_verdict v;
	struct lab l;

	lab_init(&l, 1);
	conf(&l, t, transport);
	inject(core, t->conf.inject);
	inject(ue, wrong);
	l.inject_core = core;
	l.inject_ue = ue;
	l.seen = seen;
	conform = ims_conform_new(t, 300, 1000);
	lab_start(&l);
	run(&l, t);
	v = ims_conform_verdict(conform);
	keep_wrong(ims_conform_take(conform), out);
	l.seen = NULL;
	lab_end(&l);
	ims_conform_free(conform);
	ims_inject_free(ue);
	ims_inject_free(core);
	return v;
}

static void our_ue_passes(void **state)
{
	const struct ims_conform_test *t = *state;
	static const enum ims_ue_transport by[] = {IMS_UE_UDP, IMS_UE_TCP};
	static char text[16384];
	struct ims_buf b;

	for (size_t i = 0; i < N_OF(by); i++) {
		ims_buf_init(&b, text, sizeof text);
		if (play(t, by[i], "", &b) != IMS_CONFORM_PASS)
			fail_msg("%s: %s", t->id, text);
	}
}

static void a_wrong_ue_fails(void **state)
{
	const struct fails *f = *state;
	const struct ims_conform_test *t = ims_conform_find(ims_str(f->id));
	static char text[16384], want[200];
	struct ims_buf b;

	assert_non_null(t);
	ims_buf_init(&b, text, sizeof text);
	snprintf(want, sizeof want, "FAIL  %s", f->line);
	if (play(t, IMS_UE_UDP, f->inject, &b) != IMS_CONFORM_FAIL)
		fail_msg("%s passes with %s", f->id, f->inject);
	if (!strstr(text, want))
		fail_msg("%s with %s: \"%s\" is not in:\n%s", f->id, f->inject,
			 want, text);
}

/* Every test has been seen to say both. */
static void every_test_can_fail(void **state)
{
	size_t n;
	const struct ims_conform_test *t = ims_conform_tests(&n);

	assert_int_equal(n, N_OF(fails));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(fails[i].id, t[i].id);
}

#define MAX 128
int main(int argc, char **argv)
{
	static struct CMUnitTest tests[MAX];
	size_t n;
	const struct ims_conform_test *t = ims_conform_tests(&n);

	assert_true(n + N_OF(fails) < MAX);
	for (size_t i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){.name = t[i].id,
					       .test_func = our_ue_passes,
					       .initial_state = (void *)&t[i]};
	for (size_t i = 0; i < N_OF(fails); i++)
		tests[n++] =
			(struct CMUnitTest){.name = fails[i].id,
					    .test_func = a_wrong_ue_fails,
					    .initial_state = (void *)&fails[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(every_test_can_fail);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return _cmocka_run_group_tests("conform", tests, n, NULL, NULL);
}
