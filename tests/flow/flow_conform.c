/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_conform.c - our own UE against every conformance test. */
#include "flow_lab.h"

#include "conform.h"
#include "test.h"

/* clang-format off */
/* Our UE is wrong here; the list may only shrink. */
static const char *const misses[] = {
	"",
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
				   60);
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

static bool is_miss(const char *id)
{
	for (size_t i = 0; i < sizeof misses / sizeof *misses; i++)
		if (strcmp(misses[i], id) == 0)
			return true;
	return false;
}

/* Prints what was wrong; all of it when it is asked for. */
static void print(struct ims_str lines)
{
	while (lines.n) {
		size_t n = ims_str_find(lines, '\n');

		if (*lines.p == 'F')
			printf("%.*s\n", (int)n, lines.p);
		lines = ims_str_from(lines, n + 1);
	}
}

static void pass(const struct ims_conform_test *t,
		 enum ims_ue_transport transport)
{
	struct ims_inject *j = ims_inject_new(false);
	struct lab l;
	enum ims_conform_verdict v;

	lab_init(&l, 1);
	l.ue_conf.retry = true;
	l.ue_conf.transport_register = l.ue_conf.transport_other = transport;
	l.core_conf.scscf.service_route = true;
	l.core_conf.scscf.challenge_refresh = t->conf.reauth;
	l.core_conf.scscf.max_expires = l.core_conf.scscf.default_expires =
		t->conf.expires_max ? t->conf.expires_max : 600;
	suites(&l, &t->conf);
	inject(j, t->conf.inject);
	l.inject_core = j;
	l.seen = seen;
	conform = ims_conform_new(t, 300, 1000);
	lab_start(&l);
	run(&l, t);
	v = ims_conform_verdict(conform);
	if (v != IMS_CONFORM_PASS) {
		print(ims_conform_take(conform));
		if (!is_miss(t->id))
			fail_msg("%s", t->id);
		printf("known miss: %s\n", t->id);
	} else if (is_miss(t->id)) {
		printf("mended: %s is no miss any more\n", t->id);
	}
	l.seen = NULL;
	lab_end(&l);
	ims_conform_free(conform);
	ims_inject_free(j);
}

static void our_ue_passes(void **state)
{
	pass(*state, IMS_UE_UDP);
	pass(*state, IMS_UE_TCP);
}

#define MAX 64
int main(int argc, char **argv)
{
	static struct CMUnitTest tests[MAX];
	size_t n;
	const struct ims_conform_test *t = ims_conform_tests(&n);

	assert_true(n <= MAX);
	for (size_t i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){.name = t[i].id,
					       .test_func = our_ue_passes,
					       .initial_state = (void *)&t[i]};
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return _cmocka_run_group_tests("conform", tests, n, NULL, NULL);
}
