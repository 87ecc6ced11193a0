/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_reginfo.c - what a NOTIFY says [24.229 5.4.2.1.2, RFC 3680 5, RFC 5628].
 *
 * One registration per identity of the user that is not barred, with the
 * contacts of everybody who has this identity.
 */
#include <stdio.h>

#include "scscf_priv.h"
#include "sip_uri.h"

#define N_CONTACTS (IMS_IMPU_MAX * IMS_REG_CONTACTS * 2)
#define N_PARAMS 1024 /* unknown-param elements of a document */

/* A document and all that it points at. */
struct doc {
	struct ims_reginfo info;
	const struct ims_scscf_watch *of;
	struct ims_reginfo_reg reg[IMS_IMPU_MAX];
	struct ims_reginfo_contact contact[N_CONTACTS];
	struct ims_reginfo_param param[N_PARAMS];
	char id[IMS_IMPU_MAX + N_CONTACTS][12];
	size_t n_contacts, n_params, n_ids;
	struct ims_buf gruus;
	char gruu_mem[16384];
};

static struct ims_str number(struct doc *d, uint32_t n)
{
	char *id = d->id[d->n_ids++];
	int len = snprintf(id, sizeof(d->id[0]), "%u", (unsigned)n);

	return ims_str_n(id, (size_t)len);
}

typedef int maker(const struct ims_scscf *s, const struct ims_reg_contact *c,
		  struct ims_str impu, struct ims_buf *b);

static struct ims_str gruu(const struct ims_scscf *s, struct doc *d,
			   maker *make, const struct ims_reg_contact *c,
			   struct ims_str impu)
{
	size_t from = d->gruus.n;

	if (make(s, c, impu, &d->gruus) || d->gruus.over)
		return ims_str(NULL);
	return ims_str_n(d->gruu_mem + from, d->gruus.n - from);
}

static void add_gruus(const struct ims_scscf *s, struct doc *d,
		      const struct ims_reg_contact *c, struct ims_str impu)
{
	struct ims_reginfo_contact *to = &d->contact[d->n_contacts];

	to->pub_gruu = gruu(s, d, ims_scscf_gruu_pub, c, impu);
	to->temp_gruu = gruu(s, d, ims_scscf_gruu_temp, c, impu);
	if (!to->temp_gruu.n)
		return;
	to->first_cseq = c->first_cseq;
	to->callid = c->call_id;
	to->has_cseq = true;
	to->cseq = c->cseq;
}

/* One contact of an identity that stands at `at` among the watched ones; one
 * that no REGISTER named has it `created` [RFC 3680 5.2.3].
 */
static void add_contact(const struct ims_scscf *s, struct doc *d,
			const struct ims_reg_contact *c,
			const struct ims_scscf_impu *impu, size_t at)
{
	const struct ims_scscf_user *u = impu->user;
	struct ims_reginfo_contact *to = &d->contact[d->n_contacts];

	ims_reg_contact_info(c, s->now_ms, d->param + d->n_params,
			     N_PARAMS - d->n_params, to);
	d->n_params += to->n_params;
	to->id = number(d, (uint32_t)(c->id * IMS_IMPU_MAX + at));
	if (to->event == IMS_REGINFO_REGISTERED &&
	    impu != u->impu[u->explicit_impu])
		to->event = IMS_REGINFO_CREATED;
	if (c->first_cseq && c->active)
		add_gruus(s, d, c, ims_str(impu->uri));
	d->n_contacts++;
}

/* All of one user's that belong into the document.  Those that went are told
 * once.
 */
static void add_contacts(const struct ims_scscf *s, struct doc *d,
			 const struct ims_scscf_impu *impu, size_t at)
{
	struct ims_reginfo_reg *r = &d->reg[d->info.n_regs];

	ims_list_each (pos, &impu->user->binds.list) {
		const struct ims_reg_contact *c =
			ims_container(pos, struct ims_reg_contact, node);
		bool wanted =
			c->mark > d->of->seen || (d->info.full && c->active);

		if (c->active)
			r->state = IMS_REGINFO_ACTIVE;
		if (!wanted || d->n_contacts == N_CONTACTS)
			continue;
		add_contact(s, d, c, impu, at);
		r->n_contacts++;
	}
}

static void add_reg(const struct ims_scscf *s, struct doc *d,
		    struct ims_scscf_user *const *v, size_t n, size_t at)
{
	const struct ims_scscf_impu *watched = v[0]->impu[at];
	struct ims_reginfo_reg *r = &d->reg[d->info.n_regs];
	size_t k;

	*r = (struct ims_reginfo_reg){
		.aor = ims_str(watched->uri),
		.id = number(d, watched->id),
		.state = IMS_REGINFO_TERMINATED,
		.contact = &d->contact[d->n_contacts],
	};
	for (size_t i = 0; i < n; i++) {
		if (ims_scscf_user_has(v[i], r->aor, &k) &&
		    !v[i]->impu[k]->barred)
			add_contacts(s, d, v[i]->impu[k], at);
	}
	if (d->info.full || r->n_contacts)
		d->info.n_regs++;
}

bool ims_scscf_reginfo(struct ims_scscf *s, const struct ims_scscf_watch *w,
		       bool full, struct ims_buf *body)
{
	struct ims_scscf_user *v[IMS_SCSCF_SHARERS];
	size_t n = ims_scscf_sharers(s, w->user, v);
	struct doc d;

	d.info = (struct ims_reginfo){.version = w->sub.version,
				      .full = full,
				      .reg = d.reg};
	d.of = w;
	d.n_contacts = d.n_params = d.n_ids = 0;
	ims_buf_init(&d.gruus, d.gruu_mem, sizeof(d.gruu_mem));
	for (size_t at = 0; at < w->user->n_impus; at++) {
		if (!w->user->impu[at]->barred)
			add_reg(s, &d, v, n, at);
	}
	if (!full && d.info.n_regs == 0)
		return false;
	ims_reginfo_put(body, &d.info);
	return true;
}
