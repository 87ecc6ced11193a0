/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_core_list.c - a core's lists: who is registered, and which SA sets. */
#include "ctl_core_priv.h"

#include <string.h>

struct list {
	const struct ims_ctl_core *core;
	struct ims_str user; /* empty: all */
	char impi[IMS_CTL_USER];
	struct ims_ctl_page page;
};

static struct list start(void *arg, const struct ims_ctl_req *req)
{
	return (struct list){.core = arg,
			     .user = ims_str(req->user),
			     .page = ims_ctl_page(req, IMS_CTL_PAGE)};
}

/* --- bindings ------------------------------------------------------------ */

static bool is_him(struct ims_str user, const struct ims_scscf_info *i)
{
	bool yes = !user.n || ims_str_eq(user, i->impi);

	for (size_t k = 0; k < i->n_impus && !yes; k++)
		yes = ims_str_eq(user, i->impu[k].uri);
	return yes;
}

static json_t *put_impus(const struct ims_scscf_info *i)
{
	json_t *list = json_array();

	for (size_t k = 0; k < i->n_impus; k++)
		json_array_append_new(list,
				      json_pack("{s:o, s:b, s:b}", "uri",
						ims_ctl_text(i->impu[k].uri),
						"registered",
						i->impu[k].registered, "barred",
						i->impu[k].barred));
	return list;
}

static json_t *put_contact(const struct ims_scscf_info_contact *c)
{
	json_t *o = json_pack("{s:o, s:I}", "uri", ims_ctl_text(c->uri),
			      "expires_s", (json_int_t)c->expires_s);

	json_object_set_new(o, "instance", ims_ctl_text(c->instance));
	json_object_set_new(o, "reg_id",
			    c->reg_id ? json_integer(c->reg_id) : json_null());
	json_object_set_new(o, "gruu", ims_ctl_text(c->pub_gruu));
	json_object_set_new(o, "path", ims_ctl_text(c->path));
	json_object_set_new(o, "call_id", ims_ctl_text(c->call_id));
	json_object_set_new(o, "cseq", json_integer(c->cseq));
	return o;
}

static json_t *put_watchers(const struct ims_scscf_info *i)
{
	json_t *list = json_array();

	for (size_t k = 0; k < i->n_watchers; k++) {
		const struct ims_scscf_info_watcher *w = &i->watcher[k];

		json_array_append_new(
			list, json_pack("{s:o, s:s, s:I, s:I, s:b}", "who",
					ims_ctl_text(w->who), "state", w->state,
					"version", (json_int_t)w->version,
					"expires_s", (json_int_t)w->expires_s,
					"trusted", w->trusted));
	}
	return list;
}

static void put_user(void *arg, const struct ims_scscf_info *i)
{
	struct list *l = arg;
	json_t *o, *contacts;

	if (!is_him(l->user, i) || !ims_ctl_page_wants(&l->page))
		return;
	contacts = json_array();
	for (size_t k = 0; k < i->n_contacts; k++)
		json_array_append_new(contacts, put_contact(&i->contact[k]));
	o = json_pack("{s:o, s:o, s:o, s:o}", "impi", ims_ctl_text(i->impi),
		      "impus", put_impus(i), "contacts", contacts, "watchers",
		      put_watchers(i));
	json_array_append_new(l->page.list, o);
}

int ims_ctl_core_bindings(void *arg, const struct ims_ctl_req *req,
			  json_t *answer, struct ims_flaw *why)
{
	struct list l = start(arg, req);

	(void)why;
	ims_scscf_each(ims_run_core_scscf(l.core->core),
		       ims_ctl_now(&l.core->self), put_user, &l);
	ims_ctl_page_put(&l.page, answer, "users");
	return 0;
}

/* --- SAs ----------------------------------------------------------------- */

static void put_set(struct list *l, const struct ims_pcscf_info *i,
		    const struct ims_pcscf_set_info *s)
{
	struct ims_ipsec_count n[IMS_N_ARROWS];
	struct ims_ctl_set set = {.id = s->id,
				  .impi = ims_str(i->impi),
				  .life = s->life,
				  .suite = s->suite,
				  .sa = s->sa,
				  .ends_s = s->ends_s};

	if (!ims_ctl_page_wants(&l->page))
		return;
	if (!ims_run_core_count(l->core->core, s->id, n))
		set.count = n;
	json_array_append_new(l->page.list, ims_ctl_set(&set));
}

static void put_sets(void *arg, const struct ims_pcscf_info *i)
{
	struct list *l = arg;

	if (l->user.n && strcmp(i->impi, l->impi) != 0)
		return;
	for (size_t k = 0; k < i->n_sets; k++)
		put_set(l, i, &i->set[k]);
}

/* A public identity belongs to the private one that registered it. */
static void note_impi(void *arg, const struct ims_scscf_info *i)
{
	struct list *l = arg;

	if (is_him(l->user, i))
		(void)ims_str_copy(l->impi, sizeof l->impi, i->impi);
}

int ims_ctl_core_sas(void *arg, const struct ims_ctl_req *req, json_t *answer,
		     struct ims_flaw *why)
{
	struct list l = start(arg, req);
	uint64_t now = ims_ctl_now(&l.core->self);

	(void)why;
	if (l.user.n) {
		(void)ims_str_copy(l.impi, sizeof l.impi, l.user);
		ims_scscf_each(ims_run_core_scscf(l.core->core), now, note_impi,
			       &l);
	}
	ims_pcscf_each(ims_run_core_pcscf(l.core->core), now, put_sets, &l);
	ims_ctl_page_put(&l.page, answer, "sets");
	return 0;
}
