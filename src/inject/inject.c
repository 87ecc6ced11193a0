/* SPDX-License-Identifier: BSD-2-Clause */
/* inject.c - which case is done to what, and when. */
#include "inject_priv.h"

#include "base_mem.h"

#include <stdlib.h>
#include <string.h>

const char *ims_inject_at_name(enum ims_inject_at at)
{
	static const char *const names[IMS_INJECT_N_AT] = {
		[IMS_INJECT_GM_IN] = "Gm in",
		[IMS_INJECT_GM_OUT] = "Gm out",
		[IMS_INJECT_MW_UP] = "Mw to S-CSCF",
		[IMS_INJECT_MW_DOWN] = "Mw to P-CSCF",
		[IMS_INJECT_CX] = "HSS answer",
		[IMS_INJECT_SIM] = "SIM answer",
		[IMS_INJECT_SA] = "SA set",
		[IMS_INJECT_TELL] = "user",
	};

	return (unsigned)at < IMS_INJECT_N_AT ? names[at] : "?";
}

struct ims_inject *ims_inject_new(bool ue)
{
	struct ims_inject *j = calloc(1, sizeof *j);

	if (!j)
		return NULL;
	j->ue = ue;
	ims_list_init(&j->mail);
	return j;
}

void ims_inject_free(struct ims_inject *j)
{
	if (!j)
		return;
	ims_inject_mail_free(j);
	ims_wipe(j, sizeof *j);
	free(j);
}

unsigned ims_inject_fired(const struct ims_inject *j)
{
	return j->fired;
}

/* "3", "all", "*" */
static int when(struct ims_str s, struct inject_armed *a)
{
	a->all = ims_str_eq(s, IMS_S("all")) || ims_str_eq(s, IMS_S("*"));
	if (a->all)
		return 0;
	return ims_str_u32(s, 1000000, &a->nth) || a->nth == 0 ? -IMS_E_USAGE
							       : 0;
}

int ims_inject_add(struct ims_inject *j, struct ims_str spec,
		   struct ims_flaw *why)
{
	size_t at = ims_str_find(spec, '@');
	struct ims_str id = ims_str_n(spec.p, at);
	const struct ims_inject_row *row = ims_inject_find(j->ue, id);
	struct inject_armed a = {.row = row, .nth = 1};

	if (!row && ims_inject_find(!j->ue, id))
		return ims_flaw(why, -IMS_E_USAGE, "case %.*s is for imsreg %s",
				IMS_STR_ARG(id), j->ue ? "core" : "ue");
	if (!row)
		return ims_flaw(why, -IMS_E_USAGE,
				"no case \"%.*s\": --inject list shows them",
				id.n > 40 ? 40 : (int)id.n, id.p);
	if (j->n == IMS_INJECT_MAX)
		return ims_flaw(why, -IMS_E_USAGE, "more than %u cases",
				IMS_INJECT_MAX);
	a.all = row->all;
	if (at < spec.n && when(ims_str_from(spec, at + 1), &a))
		return ims_flaw(why, -IMS_E_USAGE,
				"%s: after @ comes a number from 1 on, or all",
				row->id);
	j->v[j->n++] = a;
	return 0;
}

/* Is it this case's turn?  A retransmission is the same opportunity. */
static bool turn(struct inject_armed *a, uint32_t hash)
{
	if (a->seen && hash && hash == a->last)
		return a->fired;
	a->last = hash;
	a->seen++;
	a->fired = a->all || a->seen == a->nth;
	return a->fired;
}

static void tell(struct ims_inject *j, const struct inject_armed *a,
		 const char *how, uint64_t now_ms)
{
	char text[IMS_FLAW_TEXT];
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof text);
	ims_buf_printf(&b, "injected%s: %s (number %u): %s", how, a->row->id,
		       (unsigned)a->seen, a->row->does);
	ims_inject_post(j, IMS_INJECT_TELL, NULL, ims_buf_str(&b), now_ms);
}

static bool run(struct ims_inject *j, struct inject_armed *a,
		struct inject_hit *h)
{
	h->row = a->row;
	if (!a->row->how->act(j, h)) {
		tell(j, a, " not, nothing to do it to", h->now_ms);
		return false;
	}
	j->fired++;
	tell(j, a, "", h->now_ms);
	return true;
}

/* What an earlier case made of Security-Server is put right again, whatever
 * else is done to the message.
 */
static bool restore(struct ims_inject *j, struct inject_hit *h)
{
	struct inject_edit e = {0};
	struct ims_str got = ims_sip_get(h->msg, IMS_SIP_SECURITY_VERIFY);

	if (j->ue || h->at != IMS_INJECT_GM_IN || !j->forged[0] ||
	    !h->msg->request || !ims_str_eq(got, ims_str(j->forged)))
		return false;
	ims_inject_set(&e, IMS_SIP_SECURITY_VERIFY, ims_str(j->server));
	return ims_inject_send(j, h, &e);
}

/* Each case counts every message; what one has taken no other can change. */
static bool first_of(struct ims_inject *j, struct inject_hit *h)
{
	uint32_t hash = ims_inject_hash(h->msg);
	bool taken = false;

	for (size_t i = 0; i < j->n; i++) {
		struct inject_armed *a = &j->v[i];

		if (a->row->at == h->at && ims_inject_is(a->row->on, h->msg) &&
		    turn(a, hash) && !taken)
			taken = run(j, a, h);
	}
	return taken;
}

bool ims_inject_message(struct ims_inject *j, enum ims_inject_at at,
			const struct ims_flow *flow, struct ims_str bytes,
			uint64_t now_ms)
{
	struct ims_sip_msg m;
	struct inject_hit h = {.at = at,
			       .flow = flow,
			       .msg = &m,
			       .now_ms = now_ms};

	if (ims_sip_msg_parse(bytes, &m, NULL))
		return false;
	ims_inject_note(j, at, flow, &m);
	return first_of(j, &h) || restore(j, &h);
}

static void each(struct ims_inject *j, struct inject_hit *h)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].row->at == h->at && turn(&j->v[i], 0))
			run(j, &j->v[i], h);
}

void ims_inject_cx(struct ims_inject *j, const struct ims_cx_req *req,
		   const struct ims_aka_key *key, struct ims_cx_ans *ans,
		   uint64_t now_ms)
{
	struct inject_hit h = {.at = IMS_INJECT_CX,
			       .req = req,
			       .key = key,
			       .ans = ans,
			       .now_ms = now_ms};

	if (req->kind == IMS_CX_MAR)
		each(j, &h);
}

void ims_inject_sim(struct ims_inject *j, const struct ims_card *card,
		    const uint8_t rnd[static 16],
		    struct ims_card_answer *answer, uint64_t now_ms)
{
	struct inject_hit h = {.at = IMS_INJECT_SIM,
			       .card = card,
			       .rnd = rnd,
			       .answer = answer,
			       .now_ms = now_ms};

	each(j, &h);
}

int ims_inject_sa(struct ims_inject *j, struct ims_ipsec_set *set,
		  uint64_t now_ms)
{
	struct inject_hit h = {.at = IMS_INJECT_SA,
			       .set = set,
			       .now_ms = now_ms};

	each(j, &h);
	return h.err;
}
