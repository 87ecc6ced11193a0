/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_seen.c - every message is looked at as it passes: numbers that rise, and
 * what the P-CSCF vouches for.
 */
#include "sim.h"

#include "sip_msg.h"

#include <stdlib.h>
#include <string.h>

static struct ims_str value(const struct ims_sip_msg *m, enum ims_sip_hdr_id id)
{
	for (size_t i = 0; i < m->n_hdrs; i++)
		if (m->hdr[i].id == id)
			return m->hdr[i].value;
	return IMS_S("");
}

/* What stands after `name` up to one of `ends`; empty: it is not there. */
static struct ims_str after(struct ims_str s, const char *name,
			    const char *ends)
{
	size_t n = strlen(name), len = 0;
	const char *p = memmem(s.p, s.n, name, n);

	if (!p)
		return IMS_S("");
	s = ims_str_n(p + n, s.n - (size_t)(p - s.p) - n);
	while (len < s.n && !strchr(ends, s.p[len]))
		len++;
	return ims_str_n(s.p, len);
}

static uint32_t branch_of(const struct ims_sip_msg *m)
{
	return ims_str_hash(after(value(m, IMS_SIP_VIA), "branch=", ";, \r"),
			    7);
}

static struct sim_dialog *dialog(struct sim *s, uint32_t key)
{
	for (size_t i = 0; i < s->n_dialogs; i++)
		if (s->dialog[i].key == key)
			return &s->dialog[i];
	if (s->n_dialogs == s->cap_dialogs) {
		s->cap_dialogs = s->cap_dialogs ? 2 * s->cap_dialogs : 16;
		s->dialog =
			realloc(s->dialog, s->cap_dialogs * sizeof *s->dialog);
		if (!s->dialog)
			abort();
	}
	s->dialog[s->n_dialogs] = (struct sim_dialog){.key = key};
	return &s->dialog[s->n_dialogs++];
}

/* Sent once more: a transaction that nobody answered. */
static bool repeated(struct sim *s, uint32_t branch)
{
	for (size_t i = 0; i < SIM_BRANCHES; i++)
		if (s->branch[i] == branch)
			return true;
	s->branch[s->n_branches++ % SIM_BRANCHES] = branch;
	return false;
}

/* It could not leave when it was said, and others have since; in one life of
 * the core, whose next must know of all that left.
 */
static bool late(struct sim *s, const struct sim_dialog *d,
		 const struct ims_sip_msg *m)
{
	if (m->method != IMS_SIP_NOTIFY || d->epoch != s->core.epoch ||
	    m->cseq >= d->cseq || m->cseq < d->late_min ||
	    m->cseq > d->late_max)
		return false;
	s->stat->excused[SIM_CSEQ]++;
	return true;
}

/* True: it is a new request, and d has its numbers now. */
static bool rises(struct sim_side *side, struct sim_dialog *d,
		  const struct ims_sip_msg *m)
{
	struct sim *s = side->sim;
	uint32_t branch = branch_of(m);

	if (repeated(s, branch))
		return false;
	if (d->branch)
		sim_held(s, SIM_CSEQ);
	if (late(s, d, m) || (m->cseq <= d->cseq && sim_wrong_again(s, side)))
		return false;
	if (d->branch && m->cseq <= d->cseq)
		sim_fail(s, SIM_CSEQ, "%.*s has CSeq %u after %u, Call-ID %.*s",
			 IMS_STR_ARG(m->method_text), (unsigned)m->cseq,
			 (unsigned)d->cseq, IMS_STR_ARG(m->call_id));
	d->cseq = m->cseq;
	d->branch = branch;
	return true;
}

static bool version_of(const struct ims_sip_msg *m, uint32_t *out)
{
	struct ims_str info = after(m->body, "<reginfo", ">");
	struct ims_str v = after(info, " version=\"", "\"");

	return v.n && !ims_str_u32(v, UINT32_MAX, out);
}

/* What leaves may have gaps: some could not leave.  A number that was changed
 * on purpose is none of the S-CSCF's.
 */
static void version_left(struct sim *s, struct sim_dialog *d,
			 const struct ims_sip_msg *m)
{
	uint32_t n;

	if (!version_of(m, &n))
		return;
	if (sim_wrong_now(s, "version-gap") ||
	    sim_wrong_now(s, "version-old")) {
		s->stat->excused[SIM_VERSION]++;
		return;
	}
	if (d->has_version && n <= d->version)
		sim_fail(s, SIM_VERSION,
			 "version %u leaves after %u, Call-ID %.*s",
			 (unsigned)n, (unsigned)d->version,
			 IMS_STR_ARG(m->call_id));
	d->has_version = true;
	d->version = n;
}

static uint32_t dialog_key(const struct ims_sip_msg *m, uint32_t seed)
{
	return ims_str_hash(m->call_id, seed) ^
	       ims_str_hash(after(value(m, IMS_SIP_FROM), "tag=", ";, \r"), 3);
}

#define OF_UE 1
#define OF_CORE 2
#define ON_MW 3

/* What leaves a process: a request of a UE, or a NOTIFY of the S-CSCF as the
 * P-CSCF passes it on.
 */
void sim_seen_leave(struct sim_side *side, const struct ims_flow *flow,
		    struct ims_str bytes)
{
	struct sim *s = side->sim;
	struct ims_sip_flaw why = {0};
	struct ims_sip_msg m;
	struct sim_dialog *d;

	if (s->wrongdoer == side && sim_wrong_now(s, s->wrong->id))
		s->wrong_to = sim_side_at(s, flow->remote.ip);
	if (ims_str_starts(bytes, IMS_S("SIP/2.0")) || bytes.n < 20 ||
	    ims_sip_msg_parse(bytes, &m, &why))
		return;
	d = dialog(s, dialog_key(&m, side->is_core ? OF_CORE : OF_UE));
	if (!rises(side, d, &m))
		return;
	d->epoch = side->epoch;
	if (m.method == IMS_SIP_NOTIFY)
		version_left(s, d, &m);
	if (m.method == IMS_SIP_REGISTER && !side->is_core)
		side->asked_ms = s->now_ms;
}

/* --- what the S-CSCF says -------------------------------------------------- */

/* A core that comes back may say again what never left. */
static void notify_said(struct sim *s, const struct ims_sip_msg *m)
{
	struct sim_dialog *out, *d;
	uint32_t n;

	d = dialog(s, dialog_key(m, ON_MW));
	if (d->epoch != s->core.epoch) {
		d->branch = 0;
		d->has_version = false;
	}
	d->epoch = s->core.epoch;
	if (!rises(&s->core, d, m))
		return;
	if (version_of(m, &n)) {
		if (d->has_version)
			sim_held(s, SIM_VERSION);
		if (d->has_version && n != d->version + 1)
			sim_fail(s, SIM_VERSION,
				 "version %u after %u, Call-ID %.*s",
				 (unsigned)n, (unsigned)d->version,
				 IMS_STR_ARG(m->call_id));
		d->has_version = true;
		d->version = n;
	}
	out = dialog(s, dialog_key(m, OF_CORE));
	out->said_step = s->steps;
	out->said = m->cseq;
}

/* It is said, and does not leave in this step: it may come late. */
void sim_seen_withheld(struct sim *s)
{
	for (size_t i = 0; i < s->n_dialogs; i++) {
		struct sim_dialog *d = &s->dialog[i];

		if (!d->said || d->said_step != s->steps)
			continue;
		if (!d->late_max || d->said < d->late_min)
			d->late_min = d->said;
		if (d->said > d->late_max)
			d->late_max = d->said;
	}
}

/* --- what the P-CSCF passes on -------------------------------------------- */

static void mark_auts(struct sim *s, struct ims_str auth)
{
	if (after(auth, "auts=\"", "\"").n < 3)
		return;
	for (unsigned i = 0; i < s->n_ues; i++)
		if (memmem(auth.p, auth.n, sim_impi(i), 15))
			s->auts[i] = true;
	sim_count(s, SIM_N_RESYNC);
}

static void passed_on(struct sim *s, const struct ims_sip_msg *m)
{
	struct ims_str auth = value(m, IMS_SIP_AUTHORIZATION);
	struct ims_str yes = after(auth, "integrity-protected=", ",;\r");
	struct sim_asked a = {.branch = branch_of(m)};

	bool clear = s->taker == &s->core && s->taking_clear && !s->clear &&
		     ims_str_hash(m->call_id, 5) == s->taking_call_id;

	a.secured = memmem(yes.p, yes.n, "yes", 3) != NULL;
	if (clear)
		sim_held(s, SIM_CLEAR_IN);
	if (clear && (a.secured || m->method != IMS_SIP_REGISTER))
		sim_fail(s, SIM_CLEAR_IN,
			 "a %.*s that came in the clear was passed on%s",
			 IMS_STR_ARG(m->method_text),
			 a.secured ? " as protected" : "");
	if (m->method != IMS_SIP_REGISTER)
		return;
	mark_auts(s, auth);
	if (after(auth, "response=\"", "\"").n == 0)
		return;
	a.nonce = ims_str_hash(after(auth, "nonce=\"", "\""), 9);
	s->asked[s->n_asked++ % 16] = a;
}

static void accepted(struct sim *s, const struct ims_sip_msg *m)
{
	uint32_t branch = branch_of(m);
	const struct sim_asked *a = NULL;

	for (size_t i = 0; i < 16; i++)
		if (s->asked[i].branch == branch)
			a = &s->asked[i];
	if (!a || a->secured)
		return;
	sim_held(s, SIM_NONCE_ONCE);
	for (size_t i = 0; i < s->n_nonces; i++)
		if (s->nonce[i] == a->nonce)
			sim_fail(s, SIM_NONCE_ONCE,
				 "a response was accepted twice, Call-ID %.*s",
				 IMS_STR_ARG(m->call_id));
	if (s->n_nonces == s->cap_nonces) {
		s->cap_nonces = s->cap_nonces ? 2 * s->cap_nonces : 16;
		s->nonce = realloc(s->nonce, s->cap_nonces * sizeof *s->nonce);
		if (!s->nonce)
			abort();
	}
	s->nonce[s->n_nonces++] = a->nonce;
}

/* What passes on Mw. */
void sim_seen(void *arg, const struct ims_seen *seen)
{
	struct sim_side *side = arg;
	struct sim *s = side->sim;
	struct ims_sip_flaw why = {0};
	struct ims_sip_msg m;

	if (!seen->sent || seen->flow->side != IMS_MW ||
	    ims_sip_msg_parse(seen->bytes, &m, &why))
		return;
	sim_note(s, "%-5s    mw %s -> %.*s", side->name,
		 ims_who_name(seen->who), (int)ims_str_find(seen->bytes, '\r'),
		 seen->bytes.p);
	if (m.request && seen->who == IMS_WHO_PCSCF)
		passed_on(s, &m);
	else if (m.request && m.method == IMS_SIP_NOTIFY)
		notify_said(s, &m);
	else if (!m.request && seen->who == IMS_WHO_SCSCF &&
		 m.method == IMS_SIP_REGISTER && m.status == 200)
		accepted(s, &m);
}

void sim_seen_taken(struct sim *s, struct ims_str bytes)
{
	struct ims_str id = after(bytes, "\r\nCall-ID: ", "\r");

	if (!id.n)
		id = after(bytes, "\r\ni: ", "\r");
	s->taking_call_id = ims_str_hash(id, 5);
}

void sim_seen_free(struct sim *s)
{
	free(s->dialog);
	free(s->nonce);
}
