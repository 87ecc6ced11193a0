/* SPDX-License-Identifier: BSD-2-Clause */
/* conform_table.c - the tests. */
#include "conform_priv.h"

#include "base_trace.h"

/* What a REGISTER in the clear must be like, whatever its credentials. */
#define OPEN \
	(C_CLEAR | C_IDENTITY | C_CONTENT | C_AGREE | C_NO_ACCESS | C_NO_VERIFY)
#define INSIDE (C_INSIDE | C_IDENTITY | C_CONTENT | C_AGREE | C_CONTACT_US)
#define FRESH (C_NEW_SPIS | C_SAME_PORT_S)

/* clang-format off */
#define FIRST                                                             \
	{DO_REGISTER, 0, 0, OPEN | C_NO_PROOF | C_EXPIRES, "first REGISTER"}
#define PROOF                                                             \
	{DO_REGISTER, 0, 30, INSIDE | C_PORTS | C_PROOF | C_SAME_CLIENT | \
	 C_VERIFY | C_SAME_CALL, "REGISTER with the answer"}
#define SUBSCRIBES                                                        \
	{DO_SUBSCRIBE, 0, 60, C_INSIDE | C_PORTS | C_SUB | C_ROUTE |      \
	 C_CONTACT_US, "SUBSCRIBE"}
#define NOTIFIED {DO_NOTIFY_OK, 0, 30, C_INSIDE | C_OK, "answer to NOTIFY"}
#define REGISTERS FIRST, PROOF, SUBSCRIBES, NOTIFIED
/* Once more in the SAs that there are. */
#define AGAIN(within)                                                     \
	{DO_REGISTER, 0, within, INSIDE | C_SAME_SET | C_PORTS | FRESH |  \
	 C_VERIFY | C_SAME_CALL, "re-REGISTER"}
#define RESTART(after, within)                                            \
	{DO_REGISTER, after, within, OPEN | C_NO_PROOF, "REGISTER from the beginning"}
#define PROOF_NEW                                                         \
	{DO_REGISTER, 0, 30, INSIDE | C_NEW_SET | C_PORTS | C_PROOF |     \
	 C_SAME_CLIENT | C_VERIFY | C_SAME_CALL, "REGISTER with the answer"}
#define BAD_MAC                                                           \
	{DO_REGISTER, 0, 30, OPEN | C_EMPTY | FRESH | C_SAME_CALL,        \
	 "REGISTER after a wrong MAC"}
#define BAD_SQN                                                           \
	{DO_REGISTER, 0, 30, OPEN | C_AUTS | FRESH | C_SAME_CALL,         \
	 "REGISTER after a wrong SQN"}
#define LEAVES                                                            \
	{DO_REGISTER, 0, 300, INSIDE | C_SAME_SET | C_LAST | FRESH |      \
	 C_VERIFY, "REGISTER that ends it"}

#define STEPS(name, ...) static const struct conform_step name[] = {__VA_ARGS__}

STEPS(s81, REGISTERS);
STEPS(s82_120, REGISTERS, AGAIN(60));
STEPS(s82_1200, REGISTERS, AGAIN(600));
STEPS(s82_1800, REGISTERS, AGAIN(1200));
STEPS(s83, REGISTERS, LEAVES);
STEPS(s84, FIRST,
	{DO_REGISTER, 0, 30, OPEN | C_NO_PROOF | C_LONGER, "REGISTER after 423"},
	PROOF);
STEPS(s91, FIRST, BAD_MAC, BAD_MAC, PROOF);
STEPS(s92, FIRST, BAD_SQN, PROOF);
STEPS(s101, FIRST, PROOF, SUBSCRIBES,
	{DO_SUBSCRIBE, 20, 90, C_INSIDE | C_PORTS | C_SUB | C_ROUTE | C_NEW_CALL,
	 "SUBSCRIBE after Retry-After"}, NOTIFIED);
STEPS(s111, REGISTERS,
	{ORDER_REJECT, 0, 0, 0, "the network ends the registration: rejected"},
	{DO_NOTIFY_OK, 0, 30, C_INSIDE | C_OK, "answer to the last NOTIFY"},
	{NO_REGISTER, 0, 60, 0, "no REGISTER"});
STEPS(s111d, REGISTERS,
	{ORDER_DEACTIVATE, 0, 0, 0, "the network ends the registration: deactivated"},
	RESTART(0, 200), PROOF);
STEPS(s112, REGISTERS,
	{ORDER_REAUTH, 0, 60, 0, "the network wants an authentication: shortened"},
	AGAIN(60), PROOF_NEW);
STEPS(n503, FIRST, RESTART(30, 120), PROOF);
STEPS(n403, FIRST, {NO_REGISTER, 0, 120, 0, "no second try by itself"});
STEPS(nprob, REGISTERS, RESTART(60, 300), PROOF);
STEPS(t9, REGISTERS,
	{DO_SUBSCRIBE, 0, 120, C_INSIDE | C_SUB, "SUBSCRIBE once more"},
	{DO_SUBSCRIBE, 0, 60, C_INSIDE | C_SUB | C_ROUTE | C_NEW_CALL,
	 "a new SUBSCRIBE"}, NOTIFIED);
STEPS(t11, REGISTERS, AGAIN(60),
	{DO_REGISTER, 0, 30, INSIDE | C_LONGER, "re-REGISTER after 423"});
STEPS(t12, REGISTERS, AGAIN(60), RESTART(0, 1900), PROOF);
STEPS(t15, REGISTERS, AGAIN(300), RESTART(0, 1900), PROOF);
STEPS(t16, FIRST,
	{DO_REGISTER, 0, 1900, OPEN | C_NO_PROOF | C_NEW_CALL,
	 "REGISTER from the beginning"}, PROOF);
STEPS(t17, REGISTERS, AGAIN(60), PROOF_NEW, AGAIN(60));
/* 34.229-1 8.1: the registered identity is barred. */
STEPS(s81_barred, FIRST, PROOF,
	{DO_SUBSCRIBE, 0, 60, C_INSIDE | C_PORTS | C_SUB | C_ROUTE | C_CONTACT_US |
	 C_DEFAULT, "SUBSCRIBE"});
STEPS(c23, FIRST, PROOF,
	{DO_REGISTER, 0, 60, INSIDE | C_SAME_SET | C_PORTS | C_VERIFY | C_OTHER,
	 "REGISTER of a further identity"});
STEPS(s122a, FIRST, PROOF, SUBSCRIBES, RESTART(0, 60), PROOF);
STEPS(t8, REGISTERS,
	{DO_SUBSCRIBE, 0, 120, C_INSIDE | C_SUB | C_SAME_SUB,
	 "SUBSCRIBE once more"}, NOTIFIED);
STEPS(t10, REGISTERS, AGAIN(60),
	{DO_SUBSCRIBE, 0, 60, C_INSIDE | C_PORTS | C_SUB | C_ROUTE | C_NEW_CALL,
	 "a new SUBSCRIBE"});
STEPS(t18, REGISTERS,
	{ORDER_REAUTH, 0, 600, 0, "the network wants an authentication: shortened"},
	AGAIN(310),
	{DO_REGISTER, 0, 30, INSIDE | C_SAME_SET | C_PORTS | C_EMPTY | FRESH |
	 C_SAME_CALL, "re-REGISTER after a wrong MAC"},
	{DO_REGISTER, 0, 120, INSIDE | C_SAME_SET | C_PORTS | C_SAME_PORT_S,
	 "re-REGISTER after 403"},
	RESTART(0, 1900), PROOF);
STEPS(t19, FIRST, BAD_SQN, BAD_SQN, {NO_REGISTER, 0, 20, 0, "no third try"});
STEPS(t21, REGISTERS, LEAVES,
	{DO_REGISTER, 0, 30, C_NEW_SET | C_PROOF | C_VERIFY | C_LAST,
	 "REGISTER that ends it, with the answer"});
STEPS(t23, FIRST, PROOF);
STEPS(tb7, FIRST, PROOF, RESTART(0, 1900));
STEPS(tb8, FIRST, PROOF, SUBSCRIBES,
	{NO_NOTIFY_OK, 0, 15, 0, "no answer to a NOTIFY in the clear"});

/* The names that it has elsewhere come before what the core must be. */
#define T(id, title, clause, also, prompt, steps, ...) \
	{id, title, clause, also, {__VA_ARGS__}, prompt, steps, \
	 sizeof steps / sizeof *steps}
#define SWITCH_ON "switch the UE on"
#define SWITCH_OFF "switch the UE on, and off once it has answered the NOTIFY"

const struct ims_conform_test ims_conform_table[] = {
	T("8.1", "initial registration", "34.229-1 8.1",
	  "C.2,A.1.1,A.1.2,A.1.3,A.1.4,A.1.5,A.1.6,5-6.1,tahi-1", SWITCH_ON, s81,
	  .inject = NULL),
	T("8.1-md5", "initial registration, hmac-md5-96", "34.229-1 8.1", NULL,
	  SWITCH_ON, s81, .alg = "hmac-md5-96", .ealg = "null"),
	T("8.1-sha1", "initial registration, hmac-sha-1-96", "34.229-1 8.1", NULL,
	  SWITCH_ON, s81, .alg = "hmac-sha-1-96", .ealg = "null"),
	T("8.1-barred", "the registered identity is barred", "34.229-1 8.1", NULL,
	  SWITCH_ON, s81_barred, .inject = "other-associated-uri"),
	T("8.2", "re-registration, granted 120 s", "34.229-1 8.2", "C.46,tahi-2",
	  SWITCH_ON, s82_120, .expires_max = 120),
	T("8.2-1200", "re-registration, granted 1200 s", "34.229-1 8.2", NULL,
	  SWITCH_ON, s82_1200, .expires_max = 1200),
	T("8.2-1800", "re-registration, granted 1800 s", "34.229-1 8.2", NULL,
	  SWITCH_ON, s82_1800, .expires_max = 1800),
	T("8.3", "de-registration by the user", "34.229-1 8.3", "C.30,tahi-4",
	  SWITCH_OFF, s83, .inject = NULL),
	T("8.4", "423 to the first REGISTER", "34.229-1 8.4", "A.1.7,tahi-7",
	  SWITCH_ON, s84, .inject = "423-long"),
	T("9.1", "MAC invalid twice", "34.229-1 9.1", NULL, SWITCH_ON, s91,
	  .inject = "bad-mac@1,bad-mac@2"),
	T("9.2", "SQN out of range", "34.229-1 9.2", NULL, SWITCH_ON, s92,
	  .inject = "sqn-out-of-range"),
	T("10.1", "503 to SUBSCRIBE with Retry-After", "34.229-1 10.1", "tahi-22",
	  SWITCH_ON, s101, .inject = "sub-503"),
	T("11.1", "de-registration by the network, rejected", "34.229-1 11.1",
	  "tahi-5", SWITCH_ON, s111, .inject = NULL),
	T("11.1-deactivated", "de-registration by the network, deactivated",
	  "34.229-1 11.1", "tahi-6", SWITCH_ON, s111d, .inject = NULL),
	T("11.2", "re-authentication by the network", "34.229-1 11.2", "tahi-3",
	  SWITCH_ON, s112, .reauth = true),
	T("12.2a", "504 that wants restoration (to SUBSCRIBE)", "34.229-1 12.2a",
	  NULL, SWITCH_ON, s122a, .inject = "sub-504"),
	T("C.23", "a further public identity over existing SAs", "34.229-1 C.23",
	  NULL, "switch a UE on that has a further public identity", c23,
	  .inject = "no-associated-uri"),
	T("403", "403 to the first REGISTER", "24.229 5.1.1.2.1", NULL, SWITCH_ON,
	  n403, .inject = "403"),
	T("503", "503 to the first REGISTER, Retry-After 30",
	  "24.229 5.1.1.2.1, RFC3261 21.5.4", NULL, SWITCH_ON, n503,
	  .inject = "503-retry-after"),
	T("probation", "de-registration by the network, probation of 60 s",
	  "24.229 5.1.1.7, RFC3680 5.2.3", NULL, SWITCH_ON, nprob,
	  .inject = "notify-probation"),
	T("tahi-8", "the subscription is refreshed", "TAHI UE-RG-B-8", NULL,
	  SWITCH_ON, t8, .expires_max = 120),
	T("tahi-9", "481 to a re-subscription", "TAHI UE-RG-B-9", NULL, SWITCH_ON,
	  t9, .expires_max = 120, .inject = "sub-481@2"),
	T("tahi-10", "another Service-Route at a re-registration",
	  "TAHI UE-RG-B-10", NULL, SWITCH_ON, t10,
	  .inject = "expires-short,other-service-route@2,sub-ended-deactivated@2"),
	T("tahi-11", "423 to a re-REGISTER", "TAHI UE-RG-B-11", NULL, SWITCH_ON,
	  t11, .expires_max = 120, .inject = "423-long@3"),
	T("tahi-12", "408 to a re-REGISTER", "TAHI UE-RG-B-12", NULL, SWITCH_ON,
	  t12, .expires_max = 120, .inject = "408@3"),
	T("tahi-13", "500 to a re-REGISTER", "TAHI UE-RG-B-13", NULL, SWITCH_ON,
	  t12, .expires_max = 120, .inject = "500@3"),
	T("tahi-14", "504 to a re-REGISTER", "TAHI UE-RG-B-14", NULL, SWITCH_ON,
	  t12, .expires_max = 120, .inject = "504@3"),
	T("tahi-15", "Timer F of a re-REGISTER", "TAHI UE-RG-B-15", NULL,
	  SWITCH_ON, t15, .expires_max = 600, .inject = "silent@3"),
	T("tahi-16", "401 without Security-Server", "TAHI UE-RG-B-16", NULL,
	  SWITCH_ON, t16, .inject = "no-security-server"),
	T("tahi-17", "from old to new SAs", "TAHI UE-RG-B-17", NULL, SWITCH_ON,
	  t17, .expires_max = 120, .reauth = true),
	T("tahi-18", "wrong MAC, 403 and silence at a re-REGISTER",
	  "TAHI UE-RG-B-18", NULL, SWITCH_ON, t18, .expires_max = 1200,
	  .reauth = true, .inject = "bad-mac@2,403@4,silent@5"),
	T("tahi-19", "wrong SQN, two tries, then no more", "TAHI UE-RG-B-19",
	  NULL, SWITCH_ON, t19, .inject = "sqn-out-of-range@all"),
	T("tahi-21", "401 to the de-registration", "TAHI UE-RG-B-21", NULL,
	  SWITCH_OFF, t21, .inject = "challenge-again@2"),
	T("tahi-23", "hmac-md5-96 with des-ede3-cbc", "TAHI UE-RG-B-23", NULL,
	  SWITCH_ON, t23, .alg = "hmac-md5-96", .ealg = "des-ede3-cbc"),
	T("tahi-24", "hmac-sha-1-96 with aes-cbc", "TAHI UE-RG-B-24", NULL,
	  SWITCH_ON, t23, .alg = "hmac-sha-1-96", .ealg = "aes-cbc"),
	T("tahi-b7", "a 200 to REGISTER in the clear", "TAHI UE-SE-B-7", NULL,
	  SWITCH_ON, tb7, .inject = "answer-in-clear"),
	T("tahi-b8", "a NOTIFY in the clear", "TAHI UE-SE-B-8", NULL, SWITCH_ON,
	  tb8, .inject = "notify-in-clear@all"),
};

const struct ims_conform_left ims_conform_left_table[] = {
	{"7.1,7.2,7.3,7.4,7.5,7.6", "P-CSCF discovery",
	 "the access network and its DHCP tell the UE where the P-CSCF is; this core begins where the REGISTER comes in"},
	{"8.5,8.6,8.7,8.8", "GIBA and SIP digest",
	 "they are without AKA and without IPsec, and this core does neither"},
	{"12.2", "503 to INVITE",
	 "the UE would have to make a call, and this core has none; 10.1 is the same rule for SUBSCRIBE"},
	{"C.2c", "registration over WLAN",
	 "the ePDG's tunnel is below IP as this core sees it; over it the registration is that of 8.1"},
	{"tahi-20", "de-registration with release of dialogs",
	 "the only dialog without calls is the subscription, which ends with the registration; 8.3 is the rest of it"},
};
/* clang-format on */
const size_t ims_conform_n =
	sizeof ims_conform_table / sizeof *ims_conform_table;
const size_t ims_conform_n_left =
	sizeof ims_conform_left_table / sizeof *ims_conform_left_table;

void ims_conform_list(struct ims_buf *b)
{
	for (size_t i = 0; i < ims_conform_n; i++) {
		const struct ims_conform_test *t = &ims_conform_table[i];

		ims_buf_printf(b, "%-18s %s [%s]\n", t->id, t->title,
			       t->clause);
		if (t->also)
			ims_buf_printf(b, "%-18s also named %s\n", "", t->also);
	}
}

static void put_step(struct ims_buf *b, size_t n, const struct conform_step *s)
{
	ims_buf_printf(b, "%zu. %s", n, s->name);
	if (s->after_s)
		ims_buf_printf(b, ", not before %u s", (unsigned)s->after_s);
	if (s->what == ORDER_REAUTH)
		ims_buf_printf(b, ", %u s are left", (unsigned)s->within_s);
	else if (s->within_s)
		ims_buf_printf(b, s->checks ? ", within %u s" : " for %u s",
			       (unsigned)s->within_s);
	for (int i = 0, k = 0; i < IS_N; i++) {
		if (!(s->checks & 1u << i))
			continue;
		ims_buf_puts(b, k++ ? "; " : ": ");
		ims_buf_puts(b, ims_conform_check_text((enum conform_check)i));
	}
	ims_buf_puts(b, "\n");
}

static void put_left(struct ims_buf *b)
{
	ims_buf_puts(b, "\n## What there is no test of\n\n");
	for (size_t i = 0; i < ims_conform_n_left; i++)
		ims_buf_printf(b, "* %s: %s: %s.\n",
			       ims_conform_left_table[i].id,
			       ims_conform_left_table[i].title,
			       ims_conform_left_table[i].why);
}

static void put_core(struct ims_buf *b, const struct ims_conform_conf *c)
{
	if (c->expires_max)
		ims_buf_printf(b, " `--expires-max %u`",
			       (unsigned)c->expires_max);
	if (c->reauth)
		ims_buf_puts(b, " `--reauth`");
	if (c->alg)
		ims_buf_printf(b, " `--alg %s --ealg %s`", c->alg, c->ealg);
	if (c->inject)
		ims_buf_printf(b, " `--inject %s`", c->inject);
}

static void put_head(struct ims_buf *b, const struct ims_conform_test *t)
{
	const struct ims_conform_conf *c = &t->conf;

	ims_buf_printf(b, "\n## %s: %s\n\n%s.", t->id, t->title, t->clause);
	if (t->also)
		ims_buf_printf(b, "  Also named %s.", t->also);
	ims_buf_puts(b, "  Core:");
	put_core(b, c);
	if (!c->expires_max && !c->reauth && !c->alg && !c->inject)
		ims_buf_puts(b, " as it is");
	ims_buf_puts(b, "\n\n");
}

void ims_conform_doc(struct ims_buf *b)
{
	ims_buf_puts(b, "# Conformance tests of a UE\n\n"
			"`imsreg core --listen ADDR --test ID` waits for a UE, "
			"leads it through one\n"
			"test and says what was right and what was not, line "
			"by line.  It ends with\n"
			"0 (pass), 1 (fail) or 7 (the UE never came within "
			"`--test-wait`, 300 s).\n"
			"`--test list` lists the tests.  The subscriber of the "
			"UE must be in the\n"
			"database (`imsreg sub add`).  A test is the core with "
			"the options named,\n"
			"and the steps that the UE must go through; INJECT.md "
			"explains the cases.\n"
			"Our own UE is held against every one by "
			"`tests/flow/flow_conform.c`.\n"
			"This file is `imsreg core --test doc`.\n");
	for (size_t i = 0; i < ims_conform_n; i++) {
		const struct ims_conform_test *t = &ims_conform_table[i];

		put_head(b, t);
		for (size_t k = 0; k < t->n_steps; k++)
			put_step(b, k + 1, &t->steps[k]);
	}
	put_left(b);
}
