/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_edit.c - a message that is another one, but for a few headers.
 *
 * What is changed is found by the parser's id and written by the builder, so
 * the result is as well-formed as the original.
 */
#include "inject_priv.h"

#include "sip_addr.h"

void ims_inject_set(struct inject_edit *e, enum ims_sip_hdr_id id,
		    struct ims_str value)
{
	if (e->n == INJECT_CHANGES)
		return;
	e->change[e->n].id = id;
	e->change[e->n++].value = value;
}

void ims_inject_drop(struct inject_edit *e, enum ims_sip_hdr_id id)
{
	ims_inject_set(e, id, (struct ims_str){0});
}

static void put_start(struct ims_buf *b, const struct ims_sip_msg *m,
		      const struct inject_edit *e)
{
	struct ims_str uri = e->uri.n ? e->uri : m->uri;

	if (m->request) {
		ims_sip_put_request(b, ims_sip_method_name(m->method), uri);
		return;
	}
	ims_sip_put_status(b, e->status ? e->status : m->status,
			   e->status ? ims_str(ims_sip_reason(e->status))
				     : m->reason);
}

/* The change of that header, -1 if it stays. */
static int change_of(const struct inject_edit *e, enum ims_sip_hdr_id id)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->change[i].id == id)
			return (int)i;
	return -1;
}

/* A changed header stands where its first line stood, or at the end. */
static void put_headers(struct ims_buf *b, const struct ims_sip_msg *m,
			const struct inject_edit *e)
{
	for (size_t i = 0; i < m->n_hdrs; i++) {
		const struct ims_sip_hdr *h = &m->hdr[i];
		int c = h->id ? change_of(e, h->id) : -1;

		if (h->id == IMS_SIP_CONTENT_LENGTH ||
		    h->id == IMS_SIP_CONTENT_TYPE)
			continue;
		if (c < 0)
			ims_sip_put_named(b, h->name, h->value);
		else if (e->change[c].value.p && m->first[h->id] == i + 1)
			ims_sip_put(b, h->id, e->change[c].value);
	}
	for (size_t i = 0; i < e->n; i++)
		if (e->change[i].value.p && !ims_sip_has(m, e->change[i].id))
			ims_sip_put(b, e->change[i].id, e->change[i].value);
}

struct ims_str ims_inject_edited(struct ims_inject *j,
				 const struct ims_sip_msg *m,
				 const struct inject_edit *e)
{
	struct ims_buf b;

	ims_buf_init(&b, j->mem, sizeof j->mem);
	put_start(&b, m, e);
	put_headers(&b, m, e);
	ims_sip_put_body(&b,
			 e->type.n ? e->type
				   : ims_sip_get(m, IMS_SIP_CONTENT_TYPE),
			 e->has_body ? e->body : m->body);
	return b.over ? (struct ims_str){0} : ims_buf_str(&b);
}

bool ims_inject_send(struct ims_inject *j, const struct inject_hit *h,
		     const struct inject_edit *e)
{
	struct ims_str bytes = ims_inject_edited(j, h->msg, e);

	if (bytes.n)
		ims_inject_post(j, h->at, h->flow, bytes, h->now_ms);
	return bytes.n != 0;
}

static struct ims_flow turned(const struct ims_flow *f)
{
	struct ims_flow t = *f;

	t.local = f->remote;
	t.remote = f->local;
	return t;
}

/* A header line of the table, its name and value by the parser's rules. */
static void put_line(struct ims_buf *b, const char *line)
{
	struct ims_str s = ims_str(line);
	size_t colon = ims_str_find(s, ':');

	ims_sip_put_named(b, ims_str_n(s.p, colon),
			  ims_str_trim(ims_str_from(s, colon + 1)));
}

/* On Mw only: there the way back is the way it came. */
bool ims_inject_answer(struct ims_inject *j, struct inject_hit *h)
{
	const struct inject_do *how = h->row->how;
	struct ims_flow back = turned(h->flow);
	struct ims_buf b;

	ims_buf_init(&b, j->mem, sizeof j->mem);
	ims_sip_put_response(&b, h->msg, how->n, IMS_S("inject"),
			     (struct ims_addr){0}, false);
	if (how->a)
		put_line(&b, how->a);
	if (how->b)
		put_line(&b, how->b);
	ims_sip_put_body(&b, (struct ims_str){0}, (struct ims_str){0});
	if (b.over)
		return false;
	ims_inject_post(j, IMS_INJECT_MW_DOWN, &back, ims_buf_str(&b),
			h->now_ms);
	return true;
}
