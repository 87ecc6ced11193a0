/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_inject.c - what our own UE and core make of each injected case.
 *
 * The table says what a correct peer comes to (src/inject); here it is held
 * against ours.  A case that ours does not handle yet stands below with the
 * reason: it is run and printed, but fails nothing.
 */
#include "flow_lab.h"

#include "test.h"

/* clang-format off */
/* Ours is wrong here; the list may only shrink. */
static const struct miss {
	bool ue; /* the case of imsreg ue: our core is wrong */
	const char *id, *why;
} misses[] = {
	{false, "", ""},
};

/* Not the first opportunity. */
static const struct more {
	bool ue;
	const char *spec;
	enum ims_inject_want want;
	uint32_t within_s;
	int err;
	const char *what;
} more[] = {
	{false, "bad-mac@all", IMS_INJECT_GIVES_UP, 10, IMS_E_AKA_MAC,
	 "two invalid challenges are answered, not more"},
	{false, "sqn-out-of-range@all", IMS_INJECT_GIVES_UP, 10, IMS_E_AKA_SQN,
	 "two invalid challenges are answered, not more"},
	{false, "403@2", IMS_INJECT_GIVES_UP, 10, IMS_E_REFUSED,
	 "403 to the proof: the SAs go"},
	{false, "403@3", IMS_INJECT_REGISTERS, 1900, 0,
	 "403 to a re-registration: the old one goes on, or a new one begins"},
	{false, "408@3", IMS_INJECT_REGISTERS, 1900, 0,
	 "408 to a re-registration: an initial one"},
	{false, "423@3", IMS_INJECT_REGISTERS, 1900, 0,
	 "423 to a re-registration"},
	{false, "500@3", IMS_INJECT_REGISTERS, 1900, 0,
	 "500 to a re-registration: an initial one"},
	{false, "503-retry-after@3", IMS_INJECT_REGISTERS, 1900, 0,
	 "503 to a re-registration"},
	{false, "504@3", IMS_INJECT_REGISTERS, 1900, 0,
	 "504 to a re-registration: an initial one"},
	{false, "silent@3", IMS_INJECT_REGISTERS, 1900, IMS_E_SILENCE,
	 "Timer F of a re-registration: an initial one"},
	{false, "answer-lost@2", IMS_INJECT_REGISTERS, 1900, IMS_E_SILENCE,
	 "the 200 to a re-registration is lost"},
	{false, "answer-in-clear@2", IMS_INJECT_REGISTERS, 1900, IMS_E_SILENCE,
	 "the 200 to a re-registration comes in the clear"},
	{false, "late@2", IMS_INJECT_REGISTERS, 30, 0, "a 200 comes late"},
	{false, "twice@all", IMS_INJECT_REGISTERS, 1900, 0,
	 "every answer comes twice"},
	{false, "no-service-route@2", IMS_INJECT_REGISTERS, 1900, 0,
	 "Service-Route is taken away by a re-registration"},
	{false, "version-gap@2", IMS_INJECT_REGISTERS, 1900, 0,
	 "a document was missed"},
	{false, "version-old@2", IMS_INJECT_REGISTERS, 1900, 0,
	 "an old document comes again"},
	{false, "sub-481@2", IMS_INJECT_REGISTERS, 1900, 0,
	 "481 to the refresh of a subscription"},
	{false, "notify-deactivated@2", IMS_INJECT_REGISTERS, 1900, 0,
	 "the network ends the registration later"},
	{false, "sa-lost@all", IMS_INJECT_REGISTERS, 1900, 0,
	 "every set is lost"},
	{true, "twice@all", IMS_INJECT_REGISTERS, 1900, 0,
	 "every REGISTER comes twice"},
	{true, "late@3", IMS_INJECT_REGISTERS, 1900, 0,
	 "a re-registration comes late"},
	{true, "expires-zero-clear@all", IMS_INJECT_REGISTERS, 10, 0,
	 "never de-registers in the clear"},
	{true, "res-wrong@3", IMS_INJECT_REGISTERS, 1900, 0,
	 "a re-registration with a wrong response"},
};
/* clang-format on */

/* Cases that need the other side to do something wrong, too. */
static const struct {
	bool ue;
	const char *id, *other;
} helped[] = {
	{true, "believes-clear", "notify-in-clear@all"},
};

/* What must not get from the UE to the S-CSCF. */
static const struct {
	const char *id, *header, *text;
} stripped[] = {
	{"integrity-smuggled", "response=\"\"", "integrity-protected=\"yes\""},
	{"identity-smuggled", "P-Asserted-Identity:", "nobody@other.example"},
	{"network-smuggled", "P-Visited-Network-ID:", "other.example"},
	{"network-smuggled", "P-Charging-Vector:", "icid-value=1\r\n"},
};
static const char *smuggling; /* the case that is played */
static bool smuggled;

/* What the case's peer told its user with an error. */
static struct said {
	const struct ims_inject_row *row; /* NULL: it does not matter */
	bool right;
	char other[256]; /* one that is not in the table */
} said;

static void heard(struct lab *l, bool ue, int err, struct ims_str text)
{
	const struct ims_inject_row *r = said.row;

	if (!r || ue == r->ue)
		return;
	if (r->err && err == -r->err && ims_inject_says(r->says, text))
		said.right = true;
	else if (!r->err || err == -r->err)
		snprintf(said.other, sizeof said.other, "\"%.*s\"",
			 IMS_STR_ARG(text));
}

/* The sentence of the table, or none where it has none. */
static const char *wrong_words(void)
{
	if (!said.row || said.right)
		return NULL;
	if (said.row->err)
		return said.other[0] ? said.other : "the sentence was not told";
	return said.other[0] ? said.other : NULL;
}

static void seen(struct lab *l, const struct ims_seen *m)
{
	static char text[65536];

	if (m->flow->side != IMS_MW || m->who != IMS_WHO_PCSCF ||
	    !ims_str_copy(text, sizeof text, m->bytes))
		return;
	for (size_t i = 0; i < N_OF(stripped); i++)
		if (strcmp(smuggling, stripped[i].id) == 0 &&
		    strstr(text, stripped[i].header) &&
		    strstr(text, stripped[i].text))
			smuggled = true;
}

struct one {
	const struct ims_inject_row *row;
	const char *spec;
	enum ims_inject_want want;
	uint32_t within_s;
	int err;
	bool words; /* those of the row are read */
};

static struct ims_inject *arm(bool ue, const char *spec)
{
	struct ims_inject *j = ims_inject_new(ue);
	struct ims_flaw why;

	assert_non_null(j);
	if (ims_inject_add(j, ims_str(spec), &why))
		fail_msg("%s", why.text);
	return j;
}

/* NULL, for most. */
static struct ims_inject *arm_other(const struct ims_inject_row *row)
{
	for (size_t i = 0; i < N_OF(helped); i++)
		if (helped[i].ue == row->ue &&
		    strcmp(helped[i].id, row->id) == 0)
			return arm(!row->ue, helped[i].other);
	return NULL;
}

static const char *registered(const struct lab *l, const struct one *o)
{
	const unsigned *problem = o->row->ue ? l->core_problem : l->ue_problem;

	if (l->told[IMS_TELL_FAILED])
		return "gave up";
	if (ims_scscf_registered(ims_run_core_scscf(l->core)) != 1)
		return "the core has no registration";
	if (!l->sets_ue || !l->told[IMS_TELL_REGISTERED])
		return "the UE is not registered";
	return problem[o->err] || !o->err ? NULL : "nothing was told";
}

static const char *gave_up(const struct lab *l, const struct one *o)
{
	if (!l->told[IMS_TELL_FAILED])
		return "did not give up";
	if (l->failed != -o->err)
		return "gave up for another reason";
	return l->sets_ue ? "holds SAs" : NULL;
}

static const char *refused(const struct lab *l, const struct one *o)
{
	if (l->told[IMS_TELL_REGISTERED] ||
	    ims_scscf_registered(ims_run_core_scscf(l->core)))
		return "was accepted";
	return l->core_problem[o->err] || !o->err ? NULL : "nothing was told";
}

/* NULL, or what is wrong. */
static const char *verdict(const struct lab *l, const struct one *o,
			   const struct ims_inject *j)
{
	if (!ims_inject_fired(j))
		return "it was never done";
	if (smuggled)
		return "what was smuggled came through";
	if (l->most_ue > 3) /* old, new and temporary [33.203 7.4] */
		return "the UE had more than three sets";
	if (wrong_words())
		return wrong_words();
	switch (o->want) {
	case IMS_INJECT_REGISTERS:
		return registered(l, o);
	case IMS_INJECT_GIVES_UP:
		return gave_up(l, o);
	case IMS_INJECT_REFUSES:
		return refused(l, o);
	}
	return "?";
}

static const struct miss *missed(const struct one *o)
{
	for (size_t i = 0; i < sizeof misses / sizeof *misses; i++)
		if (misses[i].id && misses[i].ue == o->row->ue &&
		    strcmp(misses[i].id, o->spec) == 0)
			return &misses[i];
	return NULL;
}

static void judge(const struct lab *l, const struct one *o, const char *wrong)
{
	const struct miss *m = missed(o);
	const char *told = l->told[IMS_TELL_FAILED] ? l->text : "-";

	if (wrong && m)
		printf("known miss: %s %s: %s (%s)\n",
		       o->row->ue ? "ue" : "core", o->spec, wrong, m->why);
	else if (wrong)
		fail_msg("%s %s: %s; UE: %s; core: %s",
			 o->row->ue ? "ue" : "core", o->spec, wrong, told,
			 l->core_text);
	else if (m)
		printf("mended: %s is no miss any more\n", o->spec);
}

static void play_over(const struct one *o, enum ims_ue_transport transport)
{
	struct ims_inject *j = arm(o->row->ue, o->spec);
	struct ims_inject *other = arm_other(o->row);
	const char *wrong;
	struct lab l;

	lab_init(&l, 1);
	l.ue_conf.expires = 600;
	l.ue_conf.retry = true;
	l.ue_conf.transport_register = l.ue_conf.transport_other = transport;
	l.core_conf.scscf.service_route = true;
	l.core_conf.pcscf.policy.allow_deprecated = true;
	l.inject_ue = o->row->ue ? j : other;
	l.inject_core = o->row->ue ? other : j;
	smuggling = o->row->id;
	smuggled = false;
	said = (struct said){.row = o->words ? o->row : NULL};
	l.seen = seen;
	l.heard = heard;
	lab_start(&l);
	lab_pass(&l, UINT64_C(1000) * o->within_s);
	wrong = verdict(&l, o, j);
	judge(&l, o, wrong);
	l.heard = NULL;
	lab_end(&l);
	ims_inject_free(other);
	ims_inject_free(j);
}

static void play(const struct one *o)
{
	play_over(o, IMS_UE_UDP);
	play_over(o, IMS_UE_TCP);
}

/* Who is refused does it always, so that no second try helps him. */
static void the_case_ends_as_the_table_says(void **state)
{
	const struct ims_inject_row *row = *state;
	struct one o = {row, row->id, row->want, row->within_s, row->err, true};
	char spec[80];

	if (row->want == IMS_INJECT_REFUSES) {
		snprintf(spec, sizeof spec, "%s@all", row->id);
		o.spec = spec;
		o.within_s = 1000;
	}
	play(&o);
}

static void the_later_case_ends_well(void **state)
{
	const struct more *m = *state;
	struct ims_str spec = ims_str(m->spec);
	struct one o = {ims_inject_find(m->ue,
					ims_str_n(spec.p,
						  ims_str_find(spec, '@'))),
			m->spec,
			m->want,
			m->within_s,
			m->err,
			false};

	assert_non_null(o.row);
	play(&o);
}

#define MAX 300
static size_t add(struct CMUnitTest *t, size_t n, const char *name,
		  CMUnitTestFunction f, const void *state)
{
	assert_true(n < MAX);
	t[n] = (struct CMUnitTest){.name = name,
				   .test_func = f,
				   .initial_state = (void *)state};
	return n + 1;
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[MAX];
	size_t n = 0, rows;

	for (int ue = 0; ue < 2; ue++) {
		const struct ims_inject_row *r = ims_inject_rows(ue, &rows);

		for (size_t i = 0; i < rows; i++)
			n = add(tests, n, r[i].id,
				the_case_ends_as_the_table_says, &r[i]);
	}
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		n = add(tests, n, more[i].spec, the_later_case_ends_well,
			&more[i]);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return _cmocka_run_group_tests("inject", tests, n, NULL, NULL);
}
