/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_info.c - who is registered, for whoever wants to look. */
#include "scscf_priv.h"

_Static_assert(IMS_SCSCF_CONTACTS == IMS_REG_CONTACTS, "one number");

static uint32_t left(uint64_t at_ms, uint64_t now_ms)
{
	return at_ms > now_ms ? (uint32_t)((at_ms - now_ms + 999) / 1000) : 0;
}

static void put_contacts(const struct ims_scscf_user *u, uint64_t now_ms,
			 struct ims_scscf_info *out)
{
	ims_list_each (pos, &u->binds.list) {
		const struct ims_reg_contact *c =
			ims_container(pos, const struct ims_reg_contact, node);

		if (!c->active || out->n_contacts == IMS_SCSCF_CONTACTS)
			continue;
		out->contact[out->n_contacts++] =
			(struct ims_scscf_info_contact){
				.uri = c->uri,
				.instance = c->instance,
				.path = c->path,
				.call_id = c->call_id,
				.reg_id = c->reg_id,
				.expires_s = ims_reg_contact_left(c, now_ms),
				.cseq = c->cseq,
			};
	}
}

/* In memory of the caller's, because it is stored nowhere. */
static void put_gruus(const struct ims_scscf *s, const struct ims_scscf_user *u,
		      struct ims_buf *b, struct ims_scscf_info *out)
{
	size_t k = 0;

	ims_list_each (pos, &u->binds.list) {
		const struct ims_reg_contact *c =
			ims_container(pos, const struct ims_reg_contact, node);
		size_t from = b->n;

		if (!c->active || k == out->n_contacts)
			continue;
		if (ims_scscf_gruu_pub(s, c,
				       ims_str(u->impu[u->explicit_impu]->uri),
				       b) == 0 &&
		    !b->over)
			out->contact[k].pub_gruu =
				ims_str_n(b->p + from, b->n - from);
		k++;
	}
}

static void put_watchers(const struct ims_scscf_user *u, uint64_t now_ms,
			 struct ims_scscf_info *out)
{
	ims_list_each (pos, &u->watchers) {
		const struct ims_scscf_watch *w =
			ims_container(pos, const struct ims_scscf_watch, node);

		if (out->n_watchers == IMS_SCSCF_WATCHERS)
			break;
		if (w->ends)
			continue;
		out->watcher[out->n_watchers++] =
			(struct ims_scscf_info_watcher){
				.who = w->sub.remote,
				.state = w->txn ? "waiting" : "active",
				.version = w->sub.version,
				.expires_s = left(w->sub.expires_ms, now_ms),
				.trusted = w->trusted,
			};
	}
}

static void put_user(const struct ims_scscf_user *u, uint64_t now_ms,
		     struct ims_scscf_info *out)
{
	out->impi = ims_str(u->impi);
	out->n_impus = u->n_impus;
	for (size_t i = 0; i < u->n_impus; i++)
		out->impu[i] = (struct ims_scscf_info_impu){
			.uri = ims_str(u->impu[i]->uri),
			.barred = u->impu[i]->barred,
			.registered = !u->impu[i]->barred,
		};
	put_contacts(u, now_ms, out);
	put_watchers(u, now_ms, out);
}

void ims_scscf_each(const struct ims_scscf *s, uint64_t now_ms,
		    void (*each)(void *arg, const struct ims_scscf_info *i),
		    void *arg)
{
	struct ims_map_node *n = NULL;

	while ((n = ims_map_each(&s->users, n))) {
		const struct ims_scscf_user *u =
			ims_container(n, const struct ims_scscf_user, node);
		struct ims_scscf_info info = {0};
		char gruus[4096];
		struct ims_buf b;

		if (u->binds.n == 0)
			continue;
		put_user(u, now_ms, &info);
		ims_buf_init(&b, gruus, sizeof(gruus));
		put_gruus(s, u, &b, &info);
		each(arg, &info);
	}
}
