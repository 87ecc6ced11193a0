/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_watch.c - our own subscription to reg, one per registered UE: so that
 * we hear of it when the network ends a registration.
 *
 * The NOTIFYs are read in pcscf_notify.c.  A subscription that cannot be had
 * is no reason to refuse a UE: it is tried again, at growing intervals.
 *
 * Spec: TS 24.229 5.2.3; RFC 3680; RFC 6665 4.1.
 */
#include <string.h>

#include "pcscf_priv.h"
#include "sip_addr.h"

#define PAUSE_S 60
#define PAUSE_MAX_S 3600
#define LONGER_S 600 /* than the registration [24.229 5.2.3] */

enum { NONE, ASKING, ON, REFRESHING, PAUSED };
enum {
	ON_WANT,    /* registered, and the subscription does not last so long */
	ON_OK,      /* 2xx */
	ON_REFUSED, /* refused, or no answer */
	ON_ENDED,   /* NOTIFY: terminated, but the UE is still registered */
	ON_DUE,
	ON_OVER, /* there is nothing more to watch */
};

typedef void action(struct ims_pcscf *p, struct ims_pcscf_ue *ue);
static action subscribe, refresh, established, pause, end;

/* clang-format off */
static const struct row {
	struct ims_arc arc;
	action *act;
} rows[] = {
	{{NONE,       ON_WANT,    ASKING,     "24.229 5.2.3"},     subscribe},
	{{NONE,       ON_DUE,     ASKING,     "24.229 5.2.3"},     subscribe},
	{{NONE,       ON_OVER,    NONE,       "24.229 5.2.3"},     end},
	{{ASKING,     ON_OK,      ON,         "RFC 6665 4.1.2.1"}, established},
	{{ASKING,     ON_REFUSED, PAUSED,     "RFC 6665 4.1.2.1"}, pause},
	{{ASKING,     ON_ENDED,   PAUSED,     "RFC 6665 4.1.3"},   pause},
	{{ASKING,     ON_OVER,    NONE,       "24.229 5.2.3"},     end},
	{{ON,         ON_WANT,    REFRESHING, "RFC 6665 4.1.2.2"}, refresh},
	{{ON,         ON_DUE,     REFRESHING, "RFC 6665 4.1.2.2"}, refresh},
	{{ON,         ON_ENDED,   PAUSED,     "RFC 6665 4.1.3"},   pause},
	{{ON,         ON_OVER,    NONE,       "24.229 5.2.3"},     end},
	{{REFRESHING, ON_OK,      ON,         "RFC 6665 4.1.2.2"}, established},
	{{REFRESHING, ON_REFUSED, PAUSED,     "RFC 6665 4.1.2.2"}, pause},
	{{REFRESHING, ON_ENDED,   PAUSED,     "RFC 6665 4.1.3"},   pause},
	{{REFRESHING, ON_OVER,    NONE,       "24.229 5.2.3"},     end},
	{{PAUSED,     ON_WANT,    ASKING,     "24.229 5.2.3"},     subscribe},
	{{PAUSED,     ON_DUE,     ASKING,     "24.229 5.2.3"},     subscribe},
	{{PAUSED,     ON_OVER,    NONE,       "24.229 5.2.3"},     end},
};

static const char *const states[] = {
	[NONE] = "none", [ASKING] = "asking", [ON] = "on",
	[REFRESHING] = "refreshing", [PAUSED] = "paused",
};

static const char *const events[] = {
	[ON_WANT] = "want", [ON_OK] = "ok", [ON_REFUSED] = "refused",
	[ON_ENDED] = "ended", [ON_DUE] = "due", [ON_OVER] = "over",
};
/* clang-format on */

const struct ims_fsm ims_pcscf_watch_fsm =
	IMS_FSM("pcscf-watch", rows, states, events);

static void step(struct ims_pcscf *p, struct ims_pcscf_ue *ue, unsigned on)
{
	int i = ims_fsm_step(&ims_pcscf_watch_fsm, &ue->watch.state, on,
			     p->trace);

	if (i >= 0)
		rows[i].act(p, ue);
}

static void arm(struct ims_pcscf *p, struct ims_pcscf_ue *ue, uint64_t at_ms)
{
	ue->watch.due.kind = IMS_DUE_WATCH;
	if (ims_heap_set(&p->due, &ue->watch.due, at_ms))
		ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, -IMS_E_NOMEM, 0,
			      "%s: no timer for its reg subscription",
			      ue->impi);
}

/* What is on its way does not count any more. */
static void forget_request(struct ims_pcscf *p, struct ims_pcscf_watch *w)
{
	struct ims_pcscf_relay *r = ims_pcscf_relay_find(p, w->relay);

	w->relay = 0;
	if (!r)
		return;
	ims_txns_cancel(&p->txns, r->client);
	ims_pcscf_relay_free(p, r);
}

void ims_pcscf_watch_wipe(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	struct ims_pcscf_watch *w = &ue->watch;

	forget_request(p, w);
	ims_heap_cancel(&p->due, &w->due);
	ims_reg_watch_free(&w->known);
	(void)ims_pcscf_text(&w->remote_tag, (struct ims_str){0});
	(void)ims_pcscf_text(&w->target, (struct ims_str){0});
	(void)ims_pcscf_text(&w->routes, (struct ims_str){0});
}

/* --- the request --- */

static uint32_t wanted_s(const struct ims_pcscf *p,
			 const struct ims_pcscf_ue *ue)
{
	uint64_t left = ue->expires_at > p->now_ms
				? (ue->expires_at - p->now_ms) / 1000
				: 0;

	return left > UINT32_MAX - LONGER_S ? UINT32_MAX
					    : (uint32_t)left + LONGER_S;
}

/* Our name on Mw; it stands on the S-CSCF's list of trusted watchers. */
static void put_me(const struct ims_pcscf *p, struct ims_buf *b)
{
	ims_buf_puts(b, "<sip:");
	ims_addr_put(b, p->conf.mw);
	ims_buf_putc(b, '>');
}

static void put_dialog(struct ims_pcscf *p, struct ims_buf *b,
		       struct ims_pcscf_watch *w, struct ims_str impu)
{
	char branch[IMS_BRANCH_LEN];

	ims_role_branch(&p->rnd, branch);
	ims_sip_put_request(b, "SUBSCRIBE",
			    w->target ? ims_str(w->target) : impu);
	ims_buf_puts(b, "Via: SIP/2.0/UDP ");
	ims_addr_put(b, p->conf.mw);
	ims_buf_printf(b, ";branch=%s\r\n", branch);
	ims_sip_put(b, IMS_SIP_MAX_FORWARDS, IMS_S("70"));
	if (w->routes)
		ims_sip_put(b, IMS_SIP_ROUTE, ims_str(w->routes));
	ims_buf_puts(b, "From: ");
	put_me(p, b);
	ims_buf_printf(b, ";tag=%s\r\nTo: <%.*s>", w->tag, IMS_STR_ARG(impu));
	if (w->remote_tag)
		ims_buf_printf(b, ";tag=%s", w->remote_tag);
	ims_buf_printf(b, "\r\nCall-ID: %s\r\nCSeq: %u SUBSCRIBE\r\n",
		       w->call_id, ++w->cseq);
}

static void build(struct ims_pcscf *p, struct ims_buf *b,
		  struct ims_pcscf_ue *ue, struct ims_str impu)
{
	put_dialog(p, b, &ue->watch, impu);
	ims_buf_puts(b, "P-Asserted-Identity: ");
	put_me(p, b);
	ims_buf_puts(b, "\r\n");
	ims_pcscf_put_charging(p, b);
	ims_buf_printf(b, "Contact: <sip:%s@", ue->token);
	ims_addr_put(b, p->conf.mw);
	ims_buf_puts(b, ">\r\n");
	ims_sip_put(b, IMS_SIP_EVENT, IMS_S("reg"));
	ims_sip_put(b, IMS_SIP_ACCEPT, IMS_S("application/reginfo+xml"));
	ims_sip_putf(b, IMS_SIP_EXPIRES, "%u", wanted_s(p, ue));
	ims_sip_put_body(b, (struct ims_str){0}, (struct ims_str){0});
}

static struct ims_str default_impu(const struct ims_pcscf_ue *ue)
{
	struct ims_str list = ims_str(ue->impus), value;
	struct ims_sip_addr a;

	if (ims_sip_comma_next(&list, &value) &&
	    ims_sip_addr_parse(value, &a) == 0)
		return a.uri.text;
	return (struct ims_str){0};
}

/* The topmost route, else the target, else who is asked for everything. */
static struct ims_addr hop_of(const struct ims_pcscf *p,
			      const struct ims_pcscf_watch *w)
{
	struct ims_str list = ims_str(w->routes), value;
	struct ims_sip_addr a;
	struct ims_sip_uri u;
	struct ims_addr to;

	if (ims_sip_comma_next(&list, &value)) {
		if (ims_sip_addr_parse(value, &a) == 0 &&
		    ims_sip_uri_addr(&a.uri, 5060, &to) == 0)
			return to;
	} else if (w->target &&
		   ims_sip_uri_parse(ims_str(w->target), &u) == 0 &&
		   ims_sip_uri_addr(&u, 5060, &to) == 0) {
		return to;
	}
	return p->conf.scscf;
}

static void ask(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	struct ims_pcscf_watch *w = &ue->watch;
	struct ims_flow to = {.local = p->conf.mw,
			      .transport = IMS_UDP,
			      .side = IMS_MW};
	struct ims_pcscf_relay *r = ims_pcscf_relay_own(p, ue);
	struct ims_buf b = ims_pcscf_out(p);

	ims_heap_cancel(&p->due, &w->due);
	to.remote = hop_of(p, w);
	build(p, &b, ue, default_impu(ue));
	if (r && ims_pcscf_relay_send(p, r, &to, &b, p->now_ms) == 0) {
		w->relay = r->id;
		return;
	}
	if (r)
		ims_pcscf_relay_free(p, r);
	step(p, ue, ON_REFUSED);
}

/* --- actions --- */

static void subscribe(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	struct ims_pcscf_watch *w = &ue->watch;

	ims_pcscf_watch_wipe(p, ue);
	ims_role_token(&p->rnd, w->call_id, IMS_PCSCF_TOKEN);
	ims_role_token(&p->rnd, w->tag, IMS_PCSCF_TOKEN);
	w->cseq = w->remote_cseq = 0;
	w->ends_at = 0;
	ask(p, ue);
}

static void refresh(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	ask(p, ue);
}

/* As for registrations: 600 s before the end, or at half the time. */
static void established(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	struct ims_pcscf_watch *w = &ue->watch;
	uint64_t left = w->ends_at > p->now_ms ? w->ends_at - p->now_ms : 0;

	w->pause_s = 0;
	arm(p, ue, w->ends_at - (left > 1200000 ? 600000 : left / 2));
	ims_pcscf_changed(p, ue);
}

static void pause(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	struct ims_pcscf_watch *w = &ue->watch;

	forget_request(p, w);
	w->pause_s = w->pause_s ? 2 * w->pause_s : PAUSE_S;
	if (w->pause_s > PAUSE_MAX_S)
		w->pause_s = PAUSE_MAX_S;
	arm(p, ue, p->now_ms + w->pause_s * UINT64_C(1000));
	ims_pcscf_changed(p, ue);
}

static void end(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	ims_pcscf_watch_wipe(p, ue);
}

/* --- what others ask for --- */

void ims_pcscf_watch_begin(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	const struct ims_pcscf_watch *w = &ue->watch;

	if (!p->conf.subscribe_reg || w->relay || !default_impu(ue).n ||
	    (w->state == ON && w->ends_at > ue->expires_at))
		return;
	step(p, ue, ON_WANT);
}

void ims_pcscf_watch_due(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	if (ue->registered && default_impu(ue).n)
		step(p, ue, ON_DUE);
}

void ims_pcscf_watch_ended(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	step(p, ue, ue->registered ? ON_ENDED : ON_OVER);
}

bool ims_pcscf_watch_is_on(const struct ims_pcscf_ue *ue)
{
	return ue->watch.state == ON || ue->watch.state == REFRESHING;
}

bool ims_pcscf_watch_any(const struct ims_pcscf_ue *ue)
{
	return ims_pcscf_watch_is_on(ue) || ue->watch.state == ASKING;
}

void ims_pcscf_watch_restored(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	uint64_t ends = ue->watch.ends_at;
	uint8_t spread = 0;

	if (!p->conf.subscribe_reg)
		return;
	(void)ims_rand_fill(&p->rnd, &spread, 1);
	ue->watch.state = ue->watch.remote_tag ? ON : NONE;
	arm(p, ue,
	    ue->watch.remote_tag && ends > 60000
		    ? ends - 60000
		    : p->now_ms + spread * UINT64_C(100));
}

static int take_dialog(struct ims_pcscf_watch *w, const struct ims_sip_msg *m)
{
	struct ims_str tag = ims_sip_tag(m, IMS_SIP_TO);
	struct ims_sip_addr c;
	int err = 0;

	if (!w->remote_tag)
		err = ims_pcscf_is_plain(tag)
			      ? ims_pcscf_text(&w->remote_tag, tag)
			      : -IMS_E_PEER;
	if (!err && ims_sip_addr_get(m, IMS_SIP_CONTACT, &c) == 0 &&
	    ims_pcscf_is_uri(c.uri.text))
		err = ims_pcscf_text(&w->target, c.uri.text);
	return err || !w->target ? -IMS_E_PEER : 0;
}

/* Record-Route, last first [RFC 3261 12.1.2]. */
static int take_routes(struct ims_pcscf *p, struct ims_pcscf_watch *w,
		       const struct ims_sip_msg *m)
{
	struct ims_sip_walk walk = ims_sip_walk(m, IMS_SIP_RECORD_ROUTE);
	struct ims_str value[IMS_PCSCF_ROUTES];
	struct ims_buf b = ims_pcscf_out(p);
	size_t n = 0;

	while (n < IMS_PCSCF_ROUTES && ims_sip_walk_next(&walk, &value[n]))
		n++;
	while (n--) {
		if (b.n)
			ims_buf_puts(&b, ", ");
		ims_sip_put_text(&b, value[n]);
	}
	if (b.n && !ims_pcscf_are_addresses(ims_buf_str(&b)))
		return -IMS_E_PEER;
	return ims_pcscf_text(&w->routes, ims_buf_str(&b));
}

void ims_pcscf_watch_answer(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			    const struct ims_sip_msg *m)
{
	struct ims_pcscf_ue *ue = ims_pcscf_ue_by_id(p, r->ue);
	struct ims_pcscf_watch *w = ue ? &ue->watch : NULL;
	unsigned status = m ? m->status : 408;
	bool first = w && !w->target;
	uint32_t s = 0;

	if (status < 200)
		return;
	ims_pcscf_relay_free(p, r);
	if (!w)
		return;
	w->relay = 0;
	if (status < 300 && ims_sip_number(m, IMS_SIP_EXPIRES, &s) == 0 && s &&
	    take_dialog(w, m) == 0 && (!first || take_routes(p, w, m) == 0)) {
		w->ends_at = p->now_ms + s * UINT64_C(1000);
		step(p, ue, ON_OK);
		return;
	}
	ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, -IMS_E_PEER, 0,
		      "%s: our subscription to its registration was answered "
		      "with %u",
		      ue->impi, status);
	step(p, ue, ON_REFUSED);
}
