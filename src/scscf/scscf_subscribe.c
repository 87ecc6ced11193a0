/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_subscribe.c - SUBSCRIBE for reg [24.229 5.4.2.1.1, RFC 6665 4.2.1].
 *
 * A user may watch himself and nobody else: what the P-CSCF asserts must
 * belong to the set that is asked about; a server that the configuration names
 * may watch anybody.  Who asks about somebody else is not even told whether
 * there is such a user.
 */
#include <stdio.h>
#include <stdlib.h>

#include "scscf_priv.h"
#include "sip_addr.h"
#include "sip_event.h"

/* Does everything that is asserted belong to this user, and is not barred? */
static bool is_asserted(const struct ims_sip_msg *m,
			const struct ims_scscf_user *u)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_P_ASSERTED_IDENTITY);
	struct ims_str value;
	struct ims_sip_addr a;
	bool any = false;
	size_t at;

	while (ims_sip_walk_next(&w, &value)) {
		if (ims_sip_addr_parse(value, &a) ||
		    !ims_scscf_user_has(u, a.uri.text, &at) ||
		    u->impu[at]->barred)
			return false;
		any = true;
	}
	return any;
}

static bool trusts(const struct ims_scscf *s, struct ims_str uri)
{
	for (size_t i = 0; i < s->conf.n_trusted; i++) {
		if (ims_sip_uri_eq(ims_str(s->conf.trusted[i]), uri))
			return true;
	}
	return false;
}

/* The P-CSCF itself, or an application server [24.229 5.4.2.1.1]. */
static bool is_trusted(const struct ims_scscf *s, const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_P_ASSERTED_IDENTITY);
	struct ims_str value;
	struct ims_sip_addr a;
	bool any = false;

	while (ims_sip_walk_next(&w, &value)) {
		if (ims_sip_addr_parse(value, &a) || !trusts(s, a.uri.text))
			return false;
		any = true;
	}
	return any;
}

/* Does the request come from where he is registered? */
static bool is_at_contact(const struct ims_scscf_user *u,
			  const struct ims_sip_msg *m)
{
	struct ims_sip_addr a;
	struct ims_sip_uri c;

	if (ims_sip_addr_get(m, IMS_SIP_CONTACT, &a))
		return false;
	ims_list_each (pos, &u->binds.list) {
		const struct ims_reg_contact *k =
			ims_container(pos, struct ims_reg_contact, node);

		if (k->active && ims_sip_uri_parse(k->uri, &c) == 0 &&
		    ims_str_caseeq(c.host, a.uri.host) && c.port == a.uri.port)
			return true;
	}
	return false;
}

/* A user whom the Request-URI names and who may be watched by who asks.  Of
 * several devices with one identity it is the one that asks.
 */
static struct ims_scscf_user *find_user(const struct ims_scscf *s,
					const struct ims_sip_msg *m,
					bool trusted)
{
	struct ims_scscf_user *v[IMS_SCSCF_SHARERS], *found = NULL;
	struct ims_scscf_user *u = ims_scscf_user_by_impu(s, m->uri);
	size_t n = u ? ims_scscf_sharers(s, u, v) : 0, at;

	for (size_t i = 0; i < n; i++) {
		u = v[i];
		if (u->binds.n == 0 || !ims_scscf_user_has(u, m->uri, &at) ||
		    u->impu[at]->barred || !(trusted || is_asserted(m, u)))
			continue;
		if (is_at_contact(u, m))
			return u;
		if (!found)
			found = u;
	}
	return found;
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
	uint32_t n, most;

	if (ims_sip_number(m, IMS_SIP_EXPIRES, &n))
		n = IMS_REG_SUB_EXPIRES;
	most = s->conf.max_expires + (is_trusted(s, m) ? IMS_SCSCF_LONGER : 0);
	return n < most ? n : most;
}

/* A short one is refused only below an hour [RFC 6665 4.2.1.1]. */
static bool is_brief(const struct ims_scscf *s, uint32_t expires)
{
	return expires && expires < 3600 && expires < s->conf.min_expires;
}

/* In a dialog the Request-URI is our Contact: our tag leads to the watch, and
 * who asks must still be who may.
 */
static struct ims_scscf_watch *find_watch(const struct ims_scscf *s,
					  const struct ims_sip_msg *m)
{
	uint32_t h = ims_str_hash(ims_sip_tag(m, IMS_SIP_TO), s->seed);
	struct ims_map_node *n = ims_map_first(&s->dialogs, h);

	for (; n; n = ims_map_next(n, h)) {
		struct ims_scscf_watch *w =
			ims_container(n, struct ims_scscf_watch, dialog_node);

		if (!w->ends && ims_reg_sub_is(&w->sub, m) &&
		    (w->trusted ? is_trusted(s, m) : is_asserted(m, w->user)))
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
	/* 0: it only wanted to know, or wants no more [RFC 6665 4.1.2.3] */
	ims_scscf_due_full(s, w, expires ? NULL : "timeout");
	ims_scscf_watch_arm(s, w);
	ims_buf_init(&b, s->msg, sizeof(s->msg));
	ims_sip_put_response(&b, in->m, 200, w->sub.local_tag, in->source,
			     true);
	ims_sip_putf(&b, IMS_SIP_EXPIRES, "%u", (unsigned)expires);
	ims_sip_putf(&b, IMS_SIP_CONTACT, "<sip:%s>",
		     ims_addr_text(s->conf.local, host));
	ims_sip_copy(&b, in->m, IMS_SIP_RECORD_ROUTE);
	ims_sip_put_body(&b, ims_str(NULL), ims_str(NULL));
	ims_txns_respond(&s->txns, in->txn, ims_buf_str(&b), 200, s->now_ms);
	if (w->going)
		ims_scscf_notify(s, w);
}

/* Who has to give way: the oldest, but what is trusted only for its like. */
static void make_room(struct ims_scscf *s, struct ims_scscf_user *u)
{
	struct ims_scscf_watch *oldest = NULL;

	if (u->n_watchers < IMS_SCSCF_WATCHERS)
		return;
	ims_list_each (pos, &u->watchers) {
		struct ims_scscf_watch *w =
			ims_container(pos, struct ims_scscf_watch, node);

		if (!oldest || (oldest->trusted && !w->trusted))
			oldest = w;
	}
	ims_scscf_due_full(s, oldest, "giveup");
	ims_scscf_notify(s, oldest);
}

void ims_scscf_watch_link(struct ims_scscf *s, struct ims_scscf_user *u,
			  struct ims_scscf_watch *w)
{
	w->user = u;
	w->due.kind = DUE_WATCH;
	w->id = ++s->last_watch;
	w->seen = s->changes;
	w->full = true;
	ims_list_add(&u->watchers, &w->node);
	u->n_watchers++;
	ims_map_add(&s->watches, &w->id_node, w->id);
	ims_map_add(&s->dialogs, &w->dialog_node,
		    ims_str_hash(w->sub.local_tag, s->seed));
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
	make_room(s, u);
	ims_scscf_watch_link(s, u, w);
	return w;
}

static void unlink_watch(struct ims_scscf *s, struct ims_scscf_watch *w)
{
	ims_heap_cancel(&s->due, &w->due);
	ims_list_del(&w->node);
	if (w->last) {
		w->user->n_ending--;
	} else {
		w->user->n_watchers--;
		ims_map_del(&s->dialogs, &w->dialog_node);
	}
}

/* No more of them than of those that live: the oldest is waited for no more. */
void ims_scscf_watch_rest(struct ims_scscf *s, struct ims_scscf_watch *w)
{
	struct ims_scscf_user *u = w->user;

	if (u->n_ending == IMS_SCSCF_WATCHERS)
		ims_scscf_watch_drop(s, ims_container(u->ending.next,
						      struct ims_scscf_watch,
						      node));
	unlink_watch(s, w);
	w->last = true;
	ims_list_add(&u->ending, &w->node);
	u->n_ending++;
}

void ims_scscf_watch_drop(struct ims_scscf *s, struct ims_scscf_watch *w)
{
	unlink_watch(s, w);
	ims_map_del(&s->watches, &w->id_node);
	ims_reg_sub_wipe(&w->sub);
	free(w);
}

/* Has this very SUBSCRIBE been accepted?  Its 200 was lost, and so was the
 * transaction that would have sent it again: we were started anew in between.
 */
static struct ims_scscf_watch *begun_by(const struct ims_scscf_user *u,
					const struct ims_sip_msg *m)
{
	ims_list_each (pos, &u->watchers) {
		struct ims_scscf_watch *w =
			ims_container(pos, struct ims_scscf_watch, node);

		if (!w->ends && ims_reg_sub_repeats(&w->sub, m))
			return w;
	}
	return NULL;
}

static void begin(struct ims_scscf *s, const struct ims_scscf_in *in,
		  struct ims_scscf_user *u, uint32_t expires)
{
	struct ims_scscf_watch *w = begun_by(u, in->m);
	struct ims_addr hop;
	int err;

	if (w) {
		accepted(s, in, w, expires);
		return;
	}
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
	w->trusted = is_trusted(s, in->m);
	ims_acts_tell(&s->acts, IMS_TELL_SUBSCRIBED, 0, 0, "%s %s", u->impi,
		      w->trusted ? "is watched by a server"
				 : "watches his registration");
	accepted(s, in, w, expires);
}

static void again(struct ims_scscf *s, const struct ims_scscf_in *in,
		  uint32_t expires)
{
	struct ims_scscf_watch *w = find_watch(s, in->m);
	int err;

	if (!w) {
		ims_scscf_reply(s, in, 481, NULL);
		return;
	}
	/* the last one again: its 200 was lost with a process before us */
	err = ims_reg_sub_repeats(&w->sub, in->m)
		      ? 0
		      : ims_reg_sub_refresh(&w->sub, in->m);
	if (err)
		ims_scscf_reply(s, in, err == -IMS_E_SIP ? 400 : 500, NULL);
	else
		accepted(s, in, w, expires);
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
		again(s, in, expires);
	} else {
		u = find_user(s, in->m, is_trusted(s, in->m));
		if (u)
			begin(s, in, u, expires);
		else
			refuse(s, in);
	}
}
