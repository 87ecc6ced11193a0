/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_keep.c - a registered user as a record [role_keep.h].
 *
 * One with an empty IMPI is our own: the secret that GRUUs are made with.
 */
#include <stdlib.h>

#include "base_mem.h"
#include "base_pack.h"
#include "scscf_priv.h"

#define RECORD_MAX (1 << 20)
#define SECRET_KEY "*" /* no IMPI is that short */

static uint64_t to_wall(const struct ims_scscf *s, uint64_t at_ms)
{
	return at_ms ? s->conf.wall_ms + at_ms : 0;
}

static const struct ims_reg_contact *contact_of(const struct ims_list *node)
{
	return ims_container(node, const struct ims_reg_contact, node);
}

static void pack_contact(const struct ims_scscf *s, struct ims_buf *b,
			 const struct ims_reg_contact *c)
{
	ims_pack_u64(b, c->id);
	ims_pack_str(b, c->uri);
	ims_pack_str(b, c->params);
	ims_pack_str(b, c->instance);
	ims_pack_str(b, c->call_id);
	ims_pack_str(b, c->path);
	ims_pack_u64(b, c->reg_id);
	ims_pack_u64(b, c->cseq);
	ims_pack_u64(b, c->first_cseq);
	ims_pack_u64(b, to_wall(s, c->expires_ms));
	ims_pack_u64(b, c->event);
	ims_pack_u64(b, c->active);
	ims_pack_u64(b, c->retry_after);
}

/* Those that went, too, while there is somebody who was not told. */
static bool is_kept(const struct ims_scscf_user *u,
		    const struct ims_reg_contact *c, size_t *gone)
{
	if (c->active)
		return true;
	return (u->n_watchers || u->n_ending) && ++*gone <= IMS_REG_CONTACTS;
}

static void pack_contacts(const struct ims_scscf *s, struct ims_buf *b,
			  const struct ims_scscf_user *u)
{
	size_t n = 0, gone = 0;

	ims_list_each (pos, &u->binds.list)
		n += is_kept(u, contact_of(pos), &gone);
	ims_pack_u64(b, n);
	gone = 0;
	ims_list_each (pos, &u->binds.list) {
		if (is_kept(u, contact_of(pos), &gone))
			pack_contact(s, b, contact_of(pos));
	}
}

static void pack_past(struct ims_buf *b, const struct ims_reg_binds *binds)
{
	for (size_t i = 0; i < IMS_REG_PAST; i++) {
		ims_pack_u64(b, binds->past[i].flow);
		ims_pack_u64(b, binds->past[i].call);
		ims_pack_u64(b, binds->past[i].cseq);
	}
}

/* A NOTIFY that follows this record has used its version and CSeq already. */
static void pack_watch(const struct ims_scscf *s, struct ims_buf *b,
		       const struct ims_scscf_watch *w)
{
	const struct ims_reg_sub *d = &w->sub;

	ims_pack_str(b, d->call_id);
	ims_pack_str(b, d->local);
	ims_pack_str(b, d->local_tag);
	ims_pack_str(b, d->remote);
	ims_pack_str(b, d->remote_tag);
	ims_pack_str(b, d->target);
	ims_pack_str(b, d->routes);
	ims_pack_str(b, d->event_id);
	ims_pack_u64(b, (uint32_t)(d->version + w->going));
	ims_pack_u64(b, (uint32_t)(d->cseq + w->going));
	ims_pack_u64(b, d->remote_cseq);
	ims_pack_u64(b, to_wall(s, d->expires_ms));
	ims_pack_u64(b, w->trusted);
	ims_pack_str(b, ims_str(w->ends));
	ims_pack_u64(b, w->retry_after);
}

static void pack_watches(const struct ims_scscf *s, struct ims_buf *b,
			 const struct ims_list *list)
{
	ims_list_each (pos, list)
		pack_watch(s, b,
			   ims_container(pos, const struct ims_scscf_watch,
					 node));
}

static void pack_user(const struct ims_scscf *s, struct ims_buf *b,
		      const struct ims_scscf_user *u)
{
	ims_pack_begin(b, IMS_SCSCF_RECORD);
	ims_pack_str(b, ims_str(u->impi));
	ims_pack_u64(b, to_wall(s, s->now_ms));
	ims_pack_u64(b, u->n_impus);
	for (size_t i = 0; i < u->n_impus; i++) {
		ims_pack_str(b, ims_str(u->impu[i]->uri));
		ims_pack_u64(b, u->impu[i]->barred | (unsigned)u->set << 1);
		ims_pack_u64(b, u->impu[i]->id);
	}
	ims_pack_u64(b, u->explicit_impu);
	ims_pack_str(b, ims_str(u->last_nonce));
	ims_pack_u64(b, u->reauth);
	ims_pack_u64(b, u->wrong);
	ims_pack_u64(b, to_wall(s, u->pause_ms));
	pack_contacts(s, b, u);
	pack_past(b, &u->binds);
	ims_pack_u64(b, u->n_watchers + u->n_ending);
	pack_watches(s, b, &u->watchers);
	pack_watches(s, b, &u->ending);
}

static bool more_room(struct ims_scscf *s)
{
	size_t cap = s->cap_record ? 2 * s->cap_record : 4096;
	char *p = cap <= RECORD_MAX ? realloc(s->record, cap) : NULL;

	if (!p)
		return false;
	s->record = p;
	s->cap_record = cap;
	return true;
}

/* The IMPI, and the number of the set if it is not the first. */
static struct ims_str key_of(const struct ims_scscf_user *u,
			     char mem[static IMS_ID_MAX + 8])
{
	struct ims_buf b;

	ims_buf_init(&b, mem, IMS_ID_MAX + 8);
	ims_buf_puts(&b, u->impi);
	if (u->set)
		ims_buf_printf(&b, " %u", (unsigned)u->set);
	return ims_buf_str(&b);
}

void ims_scscf_unkeep(struct ims_scscf *s, struct ims_scscf_user *u)
{
	char key[IMS_ID_MAX + 8];

	if (u->kept)
		ims_acts_keep(&s->acts, IMS_KEEP_SCSCF, key_of(u, key),
			      ims_str(NULL));
	u->kept = false;
}

void ims_scscf_keep(struct ims_scscf *s, struct ims_scscf_user *u)
{
	char key[IMS_ID_MAX + 8];
	struct ims_buf b = {.over = true};

	if (u->binds.n == 0 && u->n_watchers == 0 && u->n_ending == 0) {
		ims_scscf_unkeep(s, u);
		return;
	}
	if (s->cap_record) {
		ims_buf_init(&b, s->record, s->cap_record);
		pack_user(s, &b, u);
	}
	while (b.over && more_room(s)) {
		ims_buf_init(&b, s->record, s->cap_record);
		pack_user(s, &b, u);
	}
	if (b.over) {
		ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, -IMS_E_NOMEM, 0,
			      "no record of %s could be made", u->impi);
		return;
	}
	u->kept = true;
	ims_acts_keep(&s->acts, IMS_KEEP_SCSCF, key_of(u, key),
		      ims_buf_str(&b));
}

void ims_scscf_keep_secret(struct ims_scscf *s)
{
	char mem[128];
	struct ims_buf b;

	if (s->secret_kept)
		return;
	s->secret_kept = true;
	ims_buf_init(&b, mem, sizeof(mem));
	ims_pack_begin(&b, IMS_SCSCF_RECORD);
	ims_pack_str(&b, ims_str(NULL));
	ims_pack_str(&b, ims_str_n(s->secret, sizeof(s->secret)));
	ims_acts_keep(&s->acts, IMS_KEEP_SCSCF, IMS_S(SECRET_KEY),
		      ims_buf_str(&b));
	ims_wipe(mem, sizeof(mem));
}
