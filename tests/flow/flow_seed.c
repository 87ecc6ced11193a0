/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_seed.c - our eight messages against those of the seed, header by
 * header in meaning.  Whatever differs stands in a table with its reason.
 */
#include "run_demo.h"

#include "golden.h"

/* clang-format off */
#define ALLOW {"Allow", "RFC 3261 20.5: only what is handled"}
#define SUPPORTED {"Supported", "24.229 5.1.1.2.1: gruu, outbound and " \
		   "eventlist are not supported, so not claimed"}
#define AGENT {"User-Agent", "our own name"}
/* What the network chooses anew in every run. */
#define CHOSEN_SERVER {"Security-Server", "33.203 7.1: new SPIs"}
#define CHOSEN_VERIFY {"Security-Verify", "33.203 7.1: repeats the new list"}
#define CHOSEN_CLIENT {"Security-Client", "33.203 7.1: random SPIs"}

#define NONCE(header) {header ";nonce", "33.102 6.3: a new RAND"}, \
	{header ";opaque", "RFC 2617 3.2.1: the server's own"}
#define NO_MAX_FORWARDS {"Max-Forwards", "RFC 3261 20: not in responses"}
#define CONTACT {"Contact", "RFC 6665 4.2: the notifier is the S-CSCF, " \
		 "reached through Record-Route"}
#define TWO_VIAS {"Via", "RFC 3261 16.6: the S-CSCF's Via stays below"}, \
	{"Via;transport", "RFC 3261 20.42: no such Via parameter"}

static const struct golden_rule m1[] = {
	CHOSEN_CLIENT, ALLOW, SUPPORTED, AGENT,
};
static const struct golden_rule m2[] = {
	NONCE("WWW-Authenticate"), CHOSEN_SERVER, NO_MAX_FORWARDS,
};
static const struct golden_rule m3[] = {
	NONCE("Authorization"), CHOSEN_CLIENT, CHOSEN_VERIFY, ALLOW, SUPPORTED,
	AGENT,
};
static const struct golden_rule m4[] = {
	{"Path", "24.229 5.2.2.1: a token that finds the UE again"},
	{"Require", "RFC 3329 2.3: sec-agree is required of requests only"},
	{"Date", "RFC 3261 20.17: the time of this answer"},
	NO_MAX_FORWARDS,
};
static const struct golden_rule m5[] = {CHOSEN_VERIFY, ALLOW, AGENT};
static const struct golden_rule m6[] = {CONTACT, NO_MAX_FORWARDS};
static const struct golden_rule m7[] = {
	CONTACT, TWO_VIAS,
	{"body", "RFC 3680 5.2: our own ids of registration and contact"},
	{"Content-Length", "of that body"},
};
static const struct golden_rule m8[] = {
	TWO_VIAS, ALLOW, {"Server", "our own name"},
};

static const struct {
	const char *file;
	const struct golden_rule *rule;
	size_t n_rules;
} want[] = {
	{"seed/1-register.sip", m1, N_OF(m1)},
	{"seed/2-401.sip", m2, N_OF(m2)},
	{"seed/3-register-protected.sip", m3, N_OF(m3)},
	{"seed/4-200.sip", m4, N_OF(m4)},
	{"seed/5-subscribe.sip", m5, N_OF(m5)},
	{"seed/6-200.sip", m6, N_OF(m6)},
	{"seed/7-notify.sip", m7, N_OF(m7)},
	{"seed/8-200.sip", m8, N_OF(m8)},
};
/* clang-format on */

struct got {
	unsigned n;
	int bad;
};

static void message(void *arg, unsigned number, const struct ims_sight *m,
		    const struct ims_step *step,
		    const struct ims_secagree *agreed, uint64_t wall_ms)
{
	struct got *g = arg;
	size_t n = 0;
	char *seed;

	assert_in_range(step->step, 1, 8);
	seed = test_read("IMS_TEST_DATA", want[step->step - 1].file, &n);
	assert_non_null(seed);
	g->bad += golden_compare(want[step->step - 1].file, ims_str_n(seed, n),
				 m->bytes, want[step->step - 1].rule,
				 want[step->step - 1].n_rules);
	g->n++;
	free(seed);
}

static void our_eight_messages_mean_what_the_seed_s_do(void **state)
{
	struct ims_demo_conf conf;
	struct ims_demo_result r;
	struct got got = {0};
	struct ims_demo_eye eye = {.message = message, .arg = &got};

	ims_demo_conf_default(&conf);
	conf.wire = IMS_DEMO_MEMORY;
	assert_int_equal(ims_demo_run(&conf, &eye, &r), 0);
	ims_capture_free(r.capture);
	assert_true(r.ok);
	assert_int_equal(got.n, 8);
	assert_int_equal(got.bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_eight_messages_mean_what_the_seed_s_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
