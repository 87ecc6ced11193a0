/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_subscribe.c - SUBSCRIBE for reg [24.229 5.4.2.1.1, RFC 6665 4.2.1].
 *
 * A user may watch himself and nobody else: what the P-CSCF asserts must
 * belong to the set that is asked about.  Who asks about somebody else is not
 * even told whether there is such a user.
 */
#include <stdio.h>
#include <stdlib.h>

#include "scscf_priv.h"
#include "sip_addr.h"
#include "sip_event.h"

static bool is_asserted(const struct ims_sip_msg *m,
			const struct ims_scscf_user *u)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_P_ASSERTED_IDENTITY);
	struct ims_str value;
	struct ims_sip_addr a;
	bool any = false;

	while (ims_sip_walk_next(&w, &value)) {
		if (ims_sip_addr_parse(value, &a) ||
		    !ims_scscf_user_has(u, a.uri.text, NULL))
			return false;
		any = true;
	}
	return any;
}

/* The user that the Request-URI names, if he is the one who asks. */
static struct ims_scscf_user *find_user(const struct ims_scscf *s,
					const struct ims_sip_msg *m)
{
	struct ims_scscf_user *u = ims_scscf_user_by_impu(s, m->uri);

	return u && u->binds.n && is_asserted(m, u) ? u : NULL;
}

/* What may we send him?  Without Accept, reginfo [RFC 3680 4.6]. */
static bool accepts(const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_ACCEPT);
	struct ims_str value;
	bool any = false;

	while (ims_sip_walk_next(&w, &value)) {
		value.n = ims_str_find(value, ';');
		value = ims_str_trim(value);
		if (ims_str_caseeq(value, IMS_S("application/reginfo+xml")) ||
		    ims_str_caseeq(value, IMS_S("application/*")) ||
		    ims_str_eq(value, IMS_S("*/*")))
			return true;
		any = true;
	}
	return !any;
}

static bool is_reg(const struct ims_sip_msg *m)
{
	struct ims_sip_event e;

	return ims_sip_event_parse(ims_sip_get(m, IMS_SIP_EVENT), &e) == 0 &&
	       ims_str_caseeq(e.package, IMS_S("reg"));
}

static uint32_t expires_of(const struct ims_scscf *s,
			   const struct ims_sip_msg *m)
{
	uint32_t n;

	if (ims_sip_number(m, IMS_SIP_EXPIRES, &n))
		n = IMS_REG_SUB_EXPIRES;
	return n < s->conf.max_expires ? n : s->conf.max_expires;
}

/* A short one is refused only below an hour [RFC 6665 4.2.1.1]. */
static bool is_brief(const struct ims_scscf *s, uint32_t expires)
{
	return expires && expires < 3600 && expires < s->conf.min_expires;
}

static struct ims_scscf_watch *find_watch(const struct ims_scscf_user *u,
					  const struct ims_sip_msg *m)
{
	ims_list_each (pos, &u->watchers) {
		struct ims_scscf_watch *w =
			ims_container(pos, struct ims_scscf_watch, node);

		if (ims_reg_sub_is(&w->sub, m))
			return w;
	}
	return NULL;
}

static void accepted(struct ims_scscf *s, const struct ims_scscf_in *in,
		     struct ims_scscf_watch *w, uint32_t expires)
{
	char host[IMS_ADDR_TEXT];
	struct ims_buf b;

	w->sub.expires_ms = s->now_ms + expires * UINT64_C(1000);
	ims_heap_set(&s->due, &w->due, w->sub.expires_ms);
	ims_buf_init(&b, s->msg, sizeof(s->msg));
	ims_sip_put_response(&b, in->m, 200, w->sub.local_tag, in->source,
			     true);
	ims_sip_putf(&b, IMS_SIP_EXPIRES, "%u", (unsigned)expires);
	ims_sip_putf(&b, IMS_SIP_CONTACT, "<sip:%s>",
		     ims_addr_text(s->conf.local, host));
	ims_sip_copy(&b, in->m, IMS_SIP_RECORD_ROUTE);
	ims_sip_put_body(&b, ims_str(NULL), ims_str(NULL));
	ims_txns_respond(&s->txns, in->txn, ims_buf_str(&b), 200, s->now_ms);
	if (expires) {
		ims_scscf_notify(s, w, NULL);
		return;
	}
	/* it only wanted to know, or wants no more [RFC 6665 4.1.2.3] */
	ims_scscf_notify(s, w, "timeout");
}

static struct ims_scscf_watch *new_watch(struct ims_scscf *s,
					 struct ims_scscf_user *u,
					 const struct ims_sip_msg *m, int *err)
{
	struct ims_scscf_watch *w = calloc(1, sizeof(*w));
	char tag[IMS_SCSCF_TAG + 1];

	ims_role_token(&s->rnd, tag, IMS_SCSCF_TAG);
	*err = w ? ims_reg_sub_init(&w->sub, m, ims_str(tag)) : -IMS_E_NOMEM;
	if (*err) {
		free(w);
		return NULL;
	}
	if (u->n_watchers >= IMS_SCSCF_WATCHERS)
		ims_scscf_notify(s,
				 ims_container(u->watchers.next,
					       struct ims_scscf_watch, node),
				 "giveup");
	w->user = u;
	w->due.kind = DUE_WATCH;
	w->id = ++s->last_watch;
	ims_list_add(&u->watchers, &w->node);
	u->n_watchers++;
	ims_map_add(&s->watches, &w->id_node, w->id);
	return w;
}

void ims_scscf_watch_drop(struct ims_scscf *s, struct ims_scscf_watch *w)
{
	ims_heap_cancel(&s->due, &w->due);
	ims_map_del(&s->watches, &w->id_node);
	ims_list_del(&w->node);
	w->user->n_watchers--;
	ims_reg_sub_wipe(&w->sub);
	free(w);
}

static void begin(struct ims_scscf *s, const struct ims_scscf_in *in,
		  struct ims_scscf_user *u, uint32_t expires)
{
	struct ims_scscf_watch *w;
	struct ims_addr hop;
	int err;

	w = new_watch(s, u, in->m, &err);
	if (!w) {
		ims_scscf_reply(s, in, err == -IMS_E_SIP ? 400 : 503, NULL);
		return;
	}
	if (ims_reg_sub_hop(&w->sub, &hop)) {
		/* no way to reach it: we resolve no names */
		ims_scscf_watch_drop(s, w);
		ims_scscf_reply(s, in, 400, NULL);
		return;
	}
	ims_acts_tell(&s->acts, IMS_TELL_SUBSCRIBED, 0, 0,
		      "%s watches his registration", u->impi);
	accepted(s, in, w, expires);
}

static void again(struct ims_scscf *s, const struct ims_scscf_in *in,
		  struct ims_scscf_user *u, uint32_t expires)
{
	struct ims_scscf_watch *w = u ? find_watch(u, in->m) : NULL;
	int err;

	if (!w) {
		ims_scscf_reply(s, in, 481, NULL);
		return;
	}
	err = ims_reg_sub_refresh(&w->sub, in->m);
	if (err)
		ims_scscf_reply(s, in, err == -IMS_E_SIP ? 400 : 500, NULL);
	else
		accepted(s, in, w, expires);
}

/* Whose dialog may it be?  In a dialog the Request-URI is our Contact, so it
 * is the asserted identity that leads to the user.
 */
static struct ims_scscf_user *find_in_dialog(const struct ims_scscf *s,
					     const struct ims_sip_msg *m)
{
	struct ims_scscf_user *u;
	struct ims_sip_addr a;

	if (ims_sip_addr_get(m, IMS_SIP_P_ASSERTED_IDENTITY, &a))
		return NULL;
	u = ims_scscf_user_by_impu(s, a.uri.text);
	return u && is_asserted(m, u) ? u : NULL;
}

static void refuse(struct ims_scscf *s, const struct ims_scscf_in *in)
{
	ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, -IMS_E_NOT_MINE, 0,
		      "SUBSCRIBE to reg of %.*s refused: not registered, or "
		      "asked by another user",
		      IMS_STR_ARG(in->m->uri));
	ims_scscf_reply(s, in, 403, NULL);
}

void ims_scscf_subscribe(struct ims_scscf *s, struct ims_scscf_in *in)
{
	uint32_t expires = expires_of(s, in->m);
	struct ims_scscf_user *u;
	char line[64];

	if (!is_reg(in->m)) {
		ims_scscf_reply(s, in, 489, "Allow-Events: reg\r\n");
	} else if (!accepts(in->m)) {
		ims_scscf_reply(s, in, 406,
				"Accept: application/reginfo+xml\r\n");
	} else if (is_brief(s, expires)) {
		snprintf(line, sizeof(line), "Min-Expires: %u\r\n",
			 (unsigned)s->conf.min_expires);
		ims_scscf_reply(s, in, 423, line);
	} else if (ims_sip_tag(in->m, IMS_SIP_TO).n) {
		again(s, in, find_in_dialog(s, in->m), expires);
	} else {
		u = find_user(s, in->m);
		if (u)
			begin(s, in, u, expires);
		else
			refuse(s, in);
	}
}
