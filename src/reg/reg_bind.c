/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_bind.c - contacts come, are refreshed, replaced, and go.
 *
 * apply first makes sure that nothing can fail (prepare), then does it: new
 * records wait outside of the list until all are there.
 */
#include "reg_bind.h"

#include <stdlib.h>
#include <string.h>

#include "base_heap.h"
#include "reg_priv.h"
#include "reg_text.h"
#include "sip_param.h"
#include "sip_uri.h"

/* What apply has found out about each contact that is wanted. */
struct plan {
	struct ims_reg_contact *old;   /* the same contact; NULL: none */
	struct ims_reg_contact *fresh; /* takes its place; NULL: a removal */
};

static struct ims_reg_contact *of(struct ims_list *node)
{
	return ims_container(node, struct ims_reg_contact, node);
}

static const struct ims_reg_contact *of_const(const struct ims_list *node)
{
	return ims_container(node, const struct ims_reg_contact, node);
}

void ims_reg_binds_init(struct ims_reg_binds *b)
{
	*b = (struct ims_reg_binds){0};
	ims_list_init(&b->list);
}

static void drop(struct ims_reg_contact *c)
{
	if (!c)
		return;
	ims_list_del(&c->node);
	free(c->mem);
	free(c);
}

void ims_reg_binds_free(struct ims_reg_binds *b)
{
	ims_list_each (pos, &b->list)
		drop(of(pos));
	b->n = 0;
}

static void end(struct ims_reg_binds *b, struct ims_reg_contact *c,
		enum ims_reginfo_event how)
{
	if (!c->active)
		return;
	ims_reg_past_add(b, c);
	c->active = false;
	c->event = how;
	c->news = true;
	b->n--;
}

static bool same_flow(const struct ims_reg_contact *c,
		      const struct ims_reg_want *w)
{
	return c->reg_id && c->reg_id == w->reg_id &&
	       ims_str_eq(c->instance, w->instance);
}

struct ims_reg_contact *ims_reg_binds_find(const struct ims_reg_binds *b,
					   const struct ims_reg_want *w)
{
	struct ims_reg_contact *found = NULL;

	ims_list_each (pos, &b->list) {
		struct ims_reg_contact *c = of(pos);

		if (c->active && same_flow(c, w))
			return c;
		if (c->active && !found && ims_sip_uri_eq(c->uri, w->uri))
			found = c;
	}
	return found;
}

/* The Path of the message as one list. */
static struct ims_str path_of(const struct ims_sip_msg *m, char *out,
			      size_t cap)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_PATH);
	struct ims_str value;
	struct ims_buf b;

	ims_buf_init(&b, out, cap);
	while (ims_sip_walk_next(&w, &value)) {
		if (b.n)
			ims_buf_puts(&b, ", ");
		ims_buf_put(&b, value);
	}
	return b.over ? ims_str(NULL) : ims_buf_str(&b);
}

/* The parameters but expires, each written the plain way. */
static struct ims_str params_of(const struct ims_reg_want *w, char *out,
				size_t cap)
{
	struct ims_str rest = w->params;
	struct ims_sip_param p;
	struct ims_buf b;

	ims_buf_init(&b, out, cap);
	while (ims_sip_param_next(&rest, &p)) {
		if (ims_str_caseeq(p.name, IMS_S("expires")) ||
		    ims_str_caseeq(p.name, IMS_S("pub-gruu")) ||
		    ims_str_caseeq(p.name, IMS_S("temp-gruu")))
			continue; /* ours to say */
		ims_buf_putc(&b, ';');
		ims_buf_put(&b, p.name);
		if (!p.has_value)
			continue;
		ims_buf_putc(&b, '=');
		ims_buf_put(&b, p.value);
	}
	return ims_buf_str(&b);
}

static struct ims_reg_contact *build(const struct ims_reg_want *w,
				     const struct ims_reg_ask *ask,
				     const struct ims_sip_msg *m)
{
	char path[4096], *params = malloc(w->params.n + 1);
	struct ims_reg_contact *c = calloc(1, sizeof(*c));
	bool ok = false;

	if (c && params) {
		const struct ims_str text[] = {w->uri,
					       params_of(w, params,
							 w->params.n + 1),
					       w->instance, m->call_id,
					       path_of(m, path, sizeof(path))};
		struct ims_str *const kept[] = {&c->uri, &c->params,
						&c->instance, &c->call_id,
						&c->path};

		ok = ims_reg_text_keep(&c->mem, text, kept, 5) == 0;
		c->reg_id = w->reg_id;
		c->cseq = m->cseq;
		if (ask->gruu && w->instance.n)
			c->first_cseq = m->cseq;
	}
	free(params);
	if (ok)
		return c;
	drop(c);
	return NULL;
}

static int prepare(struct ims_reg_binds *b, const struct ims_reg_ask *ask,
		   const struct ims_sip_msg *m, struct plan *plan)
{
	size_t n = b->n;

	if (ims_reg_binds_overtaken(b, ask, m))
		return -IMS_E_UNEXPECTED;
	for (size_t i = 0; i < ask->n; i++) {
		const struct ims_reg_want *w = &ask->want[i];

		plan[i].old = ims_reg_binds_find(b, w);
		if (w->expires == 0)
			continue;
		/* without reg-id only those of this request stay */
		if (w->reg_id == 0)
			n = i + 1;
		else if (!plan[i].old)
			n++;
		if (n > IMS_REG_CONTACTS)
			return -IMS_E_TOOBIG;
		plan[i].fresh = build(w, ask, m);
		if (!plan[i].fresh)
			return -IMS_E_NOMEM;
	}
	return 0;
}

/* The record of a refreshed contact stays, with its id and place. */
static struct ims_reg_contact *refresh(struct ims_reg_binds *b,
				       struct ims_reg_contact *old,
				       struct ims_reg_contact *fresh)
{
	char *mem = old->mem;

	if (!ims_str_eq(old->call_id, fresh->call_id))
		ims_reg_past_add(b, old);
	/* a new Call-ID ends the temporary GRUUs so far [RFC 5627 4.2] */
	if (!old->first_cseq || !fresh->first_cseq ||
	    !ims_str_eq(old->call_id, fresh->call_id))
		old->first_cseq = fresh->first_cseq;
	old->uri = fresh->uri;
	old->params = fresh->params;
	old->instance = fresh->instance;
	old->call_id = fresh->call_id;
	old->path = fresh->path;
	old->reg_id = fresh->reg_id;
	old->cseq = fresh->cseq;
	old->mem = fresh->mem;
	old->event = IMS_REGINFO_REFRESHED;
	old->news = true;
	fresh->mem = mem;
	drop(fresh);
	return old;
}

static struct ims_reg_contact *enter(struct ims_reg_binds *b,
				     struct ims_reg_contact *fresh)
{
	fresh->id = ++b->last_id;
	fresh->active = true;
	fresh->news = true;
	fresh->event = IMS_REGINFO_REGISTERED;
	ims_list_add(&b->list, &fresh->node);
	b->n++;
	return fresh;
}

/* Others of this user, not of this request [24.229 5.4.1.2.2]. */
static void replace_others(struct ims_reg_binds *b)
{
	ims_list_each (pos, &b->list) {
		if (!of(pos)->touched)
			end(b, of(pos), IMS_REGINFO_DEACTIVATED);
	}
}

/* What the request names is not replaced by another that it names. */
static void touch_named(const struct ims_reg_ask *ask, const struct plan *plan)
{
	for (size_t i = 0; i < ask->n; i++) {
		if (plan[i].old && plan[i].fresh)
			plan[i].old->touched = true;
	}
}

/* Goes by this request, and does not come back by one before it. */
static void take_away(struct ims_reg_binds *b, struct ims_reg_contact *c,
		      const struct ims_sip_msg *m)
{
	if (ims_str_eq(c->call_id, m->call_id))
		c->cseq = m->cseq;
	end(b, c, IMS_REGINFO_UNREGISTERED);
}

static void commit(struct ims_reg_binds *b, const struct ims_reg_want *w,
		   const struct ims_sip_msg *m, struct plan *p,
		   uint64_t expires_ms)
{
	struct ims_reg_contact *c;

	/* the same contact twice in one request: the first went or came */
	if (p->old && !p->old->active)
		p->old = NULL;
	if (!p->fresh) {
		if (p->old)
			take_away(b, p->old, m);
		return;
	}
	if (!p->old)
		p->old = ims_reg_binds_find(b, w);
	if (p->old && !ims_sip_uri_eq(p->old->uri, w->uri)) {
		/* the flow is the same, the address is not */
		end(b, p->old, IMS_REGINFO_DEACTIVATED);
		p->old = NULL;
	}
	c = p->old ? refresh(b, p->old, p->fresh) : enter(b, p->fresh);
	c->expires_ms = expires_ms;
	c->order = b->order;
	c->touched = true;
	p->fresh = NULL;
	if (w->reg_id == 0)
		replace_others(b);
}

int ims_reg_binds_apply(struct ims_reg_binds *b, const struct ims_reg_ask *ask,
			const struct ims_sip_msg *m, uint32_t max_expires,
			uint64_t now_ms)
{
	struct plan plan[IMS_REG_CONTACTS] = {0};
	int err = prepare(b, ask, m, plan);

	if (err == 0 && b->n == 0)
		memset(b->past, 0, sizeof(b->past));
	if (err == 0)
		touch_named(ask, plan);
	for (size_t i = 0; i < ask->n; i++) {
		const struct ims_reg_want *w = &ask->want[i];
		uint32_t s =
			w->expires < max_expires ? w->expires : max_expires;

		if (err)
			drop(plan[i].fresh);
		else
			commit(b, w, m, &plan[i], now_ms + s * UINT64_C(1000));
	}
	if (err)
		return err;
	if (ask->star)
		ims_reg_binds_end(b, IMS_REGINFO_UNREGISTERED, 0);
	ims_list_each (pos, &b->list)
		of(pos)->touched = false;
	return 0;
}

bool ims_reg_binds_empties(struct ims_reg_binds *b,
			   const struct ims_reg_ask *ask)
{
	const struct ims_reg_contact *gone[IMS_REG_CONTACTS];
	size_t n = 0;

	if (ask->star || !ask->leaves)
		return ask->star;
	for (size_t i = 0; i < ask->n; i++) {
		const struct ims_reg_contact *c =
			ims_reg_binds_find(b, &ask->want[i]);
		size_t k = 0;

		while (k < n && gone[k] != c)
			k++;
		if (c && k == n)
			gone[n++] = c;
	}
	return n == b->n;
}

size_t ims_reg_binds_expire(struct ims_reg_binds *b, uint64_t now_ms)
{
	size_t before = b->n;

	ims_list_each (pos, &b->list) {
		if (of(pos)->expires_ms <= now_ms)
			end(b, of(pos), IMS_REGINFO_EXPIRED);
	}
	return before - b->n;
}

void ims_reg_binds_end(struct ims_reg_binds *b, enum ims_reginfo_event how,
		       uint32_t retry_after)
{
	ims_list_each (pos, &b->list) {
		if (of(pos)->active)
			of(pos)->retry_after = retry_after;
		end(b, of(pos), how);
	}
}

void ims_reg_binds_shorten(struct ims_reg_binds *b, uint64_t until_ms)
{
	ims_list_each (pos, &b->list) {
		struct ims_reg_contact *c = of(pos);

		if (!c->active)
			continue;
		if (c->expires_ms > until_ms)
			c->expires_ms = until_ms;
		c->news = true;
		c->event = IMS_REGINFO_SHORTENED;
	}
}

void ims_reg_binds_sweep(struct ims_reg_binds *b, uint64_t mark)
{
	ims_list_each (pos, &b->list) {
		if (!of(pos)->active && of(pos)->mark <= mark)
			drop(of(pos));
	}
}

bool ims_reg_binds_repeats(struct ims_reg_binds *b,
			   const struct ims_reg_ask *ask,
			   const struct ims_sip_msg *m)
{
	for (size_t i = 0; i < ask->n; i++) {
		const struct ims_reg_contact *c =
			ims_reg_binds_find(b, &ask->want[i]);

		if (!c || ask->want[i].expires == 0 ||
		    !ims_sip_uri_eq(c->uri, ask->want[i].uri) ||
		    !ims_str_eq(c->call_id, m->call_id) || c->cseq != m->cseq)
			return false;
	}
	return ask->n > 0;
}

int ims_reg_binds_restore(struct ims_reg_binds *b,
			  const struct ims_reg_contact *like)
{
	const struct ims_str text[] = {like->uri, like->params, like->instance,
				       like->call_id, like->path};
	struct ims_reg_contact *c;
	size_t n = 0; /* of its kind */

	ims_list_each (pos, &b->list) {
		if (of(pos)->id == like->id)
			return -IMS_E_EXISTS;
		n += of(pos)->active == like->active;
	}
	if (n >= IMS_REG_CONTACTS)
		return -IMS_E_TOOBIG;
	c = malloc(sizeof(*c));
	if (!c)
		return -IMS_E_NOMEM;
	*c = *like;
	c->node = (struct ims_list){0};
	c->mem = NULL;
	if (ims_reg_text_keep(&c->mem, text,
			      (struct ims_str *const[]){&c->uri, &c->params,
							&c->instance,
							&c->call_id, &c->path},
			      5)) {
		free(c);
		return -IMS_E_NOMEM;
	}
	ims_list_add(&b->list, &c->node);
	b->n += c->active;
	if (c->id > b->last_id)
		b->last_id = c->id;
	return 0;
}

uint64_t ims_reg_binds_due(const struct ims_reg_binds *b)
{
	uint64_t due = IMS_NEVER;

	ims_list_each (pos, &b->list) {
		const struct ims_reg_contact *c = of_const(pos);

		if (c->active && c->expires_ms < due)
			due = c->expires_ms;
	}
	return due;
}

uint32_t ims_reg_contact_left(const struct ims_reg_contact *c, uint64_t now_ms)
{
	if (!c->active)
		return 0;
	if (c->expires_ms <= now_ms + 1000)
		return 1;
	return (uint32_t)((c->expires_ms - now_ms + 999) / 1000);
}

void ims_reg_contact_put(struct ims_buf *b, const struct ims_reg_contact *c,
			 uint64_t now_ms)
{
	ims_buf_putc(b, '<');
	ims_buf_put(b, c->uri);
	ims_buf_putc(b, '>');
	ims_buf_put(b, c->params);
	ims_buf_puts(b, ";expires=");
	ims_buf_u64(b, ims_reg_contact_left(c, now_ms));
}

void ims_reg_contact_info(const struct ims_reg_contact *c, uint64_t now_ms,
			  struct ims_reginfo_param *param, size_t max,
			  struct ims_reginfo_contact *out)
{
	struct ims_str rest = c->params;
	struct ims_sip_param p;
	size_t n = 0;

	while (n < max && ims_sip_param_next(&rest, &p)) {
		if (ims_str_caseeq(p.name, IMS_S("q")))
			continue; /* it has an attribute [RFC 3680 5.3.2] */
		param[n].name = p.name;
		param[n++].value = p.value;
	}
	*out = (struct ims_reginfo_contact){
		.uri = c->uri,
		.state =
			c->active ? IMS_REGINFO_ACTIVE : IMS_REGINFO_TERMINATED,
		.event = c->event,
		.param = param,
		.n_params = n,
	};
	if (!c->active && c->event == IMS_REGINFO_PROBATION) {
		out->has_retry_after = true;
		out->retry_after = c->retry_after;
	}
	/* What registered says of its time, everybody knows who registered. */
	if (c->active && c->event != IMS_REGINFO_REGISTERED) {
		out->has_expires = true;
		out->expires = ims_reg_contact_left(c, now_ms);
	}
}
