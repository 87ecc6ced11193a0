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

/* True: it is a new request, and d has its numbers now. */
static bool rises(struct sim *s, struct sim_dialog *d,
		  const struct ims_sip_msg *m)
{
	uint32_t branch = branch_of(m);

	if (repeated(s, branch))
		return false;
	/* One that could not leave while the store failed comes late. */
	if (s->stored_badly && m->method == IMS_SIP_NOTIFY && m->cseq < d->cseq)
		return false;
	if (d->branch && m->cseq <= d->cseq)
		sim_fail(s, SIM_CSEQ, "%.*s has CSeq %u after %u, Call-ID %.*s",
			 IMS_STR_ARG(m->method_text), (unsigned)m->cseq,
			 (unsigned)d->cseq, IMS_STR_ARG(m->call_id));
	d->cseq = m->cseq;
	d->branch = branch;
	return true;
}

static void version(struct sim *s, struct sim_dialog *d,
		    const struct ims_sip_msg *m)
{
	struct ims_str info = after(m->body, "<reginfo", ">");
	struct ims_str v = after(info, " version=\"", "\"");
	uint32_t n;

	if (!v.n || ims_str_u32(v, UINT32_MAX, &n))
		return;
	/* One that could not leave while the store failed is missing. */
	if (d->has_version &&
	    (n <= d->version || (d->epoch == s->core.epoch &&
				 !s->stored_badly && n != d->version + 1)))
		sim_fail(s, SIM_VERSION, "version %u after %u, Call-ID %.*s",
			 (unsigned)n, (unsigned)d->version,
			 IMS_STR_ARG(m->call_id));
	d->has_version = true;
	d->version = n;
	d->epoch = s->core.epoch;
}

/* What leaves a process: a request of a UE, or a NOTIFY of the S-CSCF as the
 * P-CSCF passes it on.
 */
void sim_seen_leave(struct sim_side *side, struct ims_str bytes)
{
	struct sim *s = side->sim;
	struct ims_sip_flaw why = {0};
	struct ims_sip_msg m;
	struct sim_dialog *d;
	uint32_t key;

	if (ims_str_starts(bytes, IMS_S("SIP/2.0")) || bytes.n < 20 ||
	    ims_sip_msg_parse(bytes, &m, &why))
		return;
	key = ims_str_hash(m.call_id, (uint32_t)side->is_core + 1) ^
	      ims_str_hash(after(value(&m, IMS_SIP_FROM), "tag=", ";, \r"), 3);
	d = dialog(s, key);
	if (rises(s, d, &m) && m.method == IMS_SIP_NOTIFY)
		version(s, d, &m);
}

/* --- what the P-CSCF passes on -------------------------------------------- */

static void mark_auts(struct sim *s, struct ims_str auth)
{
	if (after(auth, "auts=\"", "\"").n < 3)
		return;
	for (unsigned i = 0; i < s->n_ues; i++)
		if (memmem(auth.p, auth.n, sim_impi(i), 15))
			s->auts[i] = true;
}

static void passed_on(struct sim *s, const struct ims_sip_msg *m)
{
	struct ims_str auth = value(m, IMS_SIP_AUTHORIZATION);
	struct ims_str yes = after(auth, "integrity-protected=", ",;\r");
	struct sim_asked a = {.branch = branch_of(m)};

	a.secured = memmem(yes.p, yes.n, "yes", 3) != NULL;
	if (s->taker == &s->core && s->taking_clear &&
	    ims_str_hash(m->call_id, 5) == s->taking_call_id && !s->clear &&
	    (a.secured || m->method != IMS_SIP_REGISTER))
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
