/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_names.c - the identities of a UE, by the REGISTERs that they came of.
 *
 * A UE may register several identities over the same SAs, each with its implicit
 * set [34.229-1 C.23].  It is registered as long as one of them is.  After a
 * restart it is not known which came together: what a 200 names is taken out
 * of them.
 */
#include <stdlib.h>
#include <string.h>

#include "pcscf_priv.h"
#include "sip_addr.h"

static bool is_in(struct ims_str uri, struct ims_str list)
{
	struct ims_sip_addr a;
	struct ims_str v;

	while (ims_sip_comma_next(&list, &v)) {
		if (ims_sip_addr_parse(v, &a) == 0 &&
		    ims_sip_uri_aor_eq(a.uri.text, uri))
			return true;
	}
	return false;
}

static void add(struct ims_buf *b, struct ims_str value)
{
	if (b->n)
		ims_buf_puts(b, ", ");
	ims_buf_put(b, value);
}

/* Those of the list, and the one in To, are not in these any more. */
static void strip(struct ims_pcscf *p, struct ims_pcscf_names *n,
		  struct ims_str to, struct ims_str list)
{
	struct ims_str rest = ims_str(n->impus), v;
	struct ims_buf b = ims_pcscf_out(p);
	struct ims_sip_addr a;

	while (ims_sip_comma_next(&rest, &v)) {
		if (ims_sip_addr_parse(v, &a) || is_in(a.uri.text, list) ||
		    ims_sip_uri_aor_eq(a.uri.text, to))
			continue;
		add(&b, v);
	}
	ims_pcscf_text(&n->impus, ims_buf_str(&b));
}

static void remove_at(struct ims_pcscf_ue *ue, size_t at)
{
	struct ims_pcscf_names *n = &ue->names[at];

	free(n->to);
	free(n->impus);
	ue->n_names--;
	memmove(n, n + 1, (ue->n_names - at) * sizeof(*n));
}

void ims_pcscf_names_clear(struct ims_pcscf_ue *ue)
{
	while (ue->n_names)
		remove_at(ue, ue->n_names - 1);
}

/* Where a new one goes: before those whose REGISTERs are not known. */
static struct ims_pcscf_names *insert(struct ims_pcscf_ue *ue,
				      struct ims_str to)
{
	size_t at = 0;

	if (ue->n_names == IMS_IMPU_MAX)
		remove_at(ue, IMS_IMPU_MAX - 1);
	while (at < ue->n_names && ue->names[at].to)
		at++;
	for (size_t i = ue->n_names; i > at; i--)
		ue->names[i] = ue->names[i - 1];
	ue->names[at] = (struct ims_pcscf_names){0};
	ue->n_names++;
	ims_pcscf_text(&ue->names[at].to, to);
	return &ue->names[at];
}

static struct ims_pcscf_names *find(struct ims_pcscf_ue *ue, struct ims_str to)
{
	for (size_t i = 0; i < ue->n_names; i++) {
		if (ue->names[i].to &&
		    ims_sip_uri_aor_eq(ims_str(ue->names[i].to), to))
			return &ue->names[i];
	}
	return NULL;
}

/* All that there are after a restart. */
static void adopt(struct ims_pcscf_ue *ue)
{
	if (ue->n_names || !ue->registered || !ue->impus)
		return;
	ue->names[0] = (struct ims_pcscf_names){.expires_at = ue->expires_at};
	ims_pcscf_text(&ue->names[0].impus, ims_str(ue->impus));
	ue->n_names = 1;
}

/* Without what is over, and what has nothing left. */
static void join(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	struct ims_buf b;

	for (size_t i = ue->n_names; i-- > 0;) {
		if (!ue->names[i].impus || ue->names[i].expires_at <= p->now_ms)
			remove_at(ue, i);
	}
	b = ims_pcscf_out(p);
	for (size_t i = 0; i < ue->n_names; i++)
		add(&b, ims_str(ue->names[i].impus));
	if (ue->n_names && !b.over)
		ims_pcscf_text(&ue->impus, ims_buf_str(&b));
}

void ims_pcscf_names_put(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			 struct ims_str to, const char *impus,
			 uint64_t expires_at)
{
	struct ims_pcscf_names *n;

	adopt(ue);
	for (size_t i = 0; i < ue->n_names; i++)
		strip(p, &ue->names[i], to, ims_str(impus));
	n = find(ue, to);
	if (!n)
		n = insert(ue, to);
	ims_pcscf_text(&n->impus, ims_str(impus));
	n->expires_at = expires_at;
	join(p, ue);
}

void ims_pcscf_names_drop(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			  struct ims_str to)
{
	struct ims_pcscf_names *n;

	adopt(ue);
	n = find(ue, to);
	if (n)
		remove_at(ue, (size_t)(n - ue->names));
	else if (!is_in(to, ims_str(ue->impus)))
		ims_pcscf_names_clear(ue);
	for (size_t i = 0; i < ue->n_names; i++)
		strip(p, &ue->names[i], to, (struct ims_str){0});
	join(p, ue);
}

uint64_t ims_pcscf_names_end(const struct ims_pcscf_ue *ue)
{
	uint64_t at = 0;

	for (size_t i = 0; i < ue->n_names; i++) {
		if (ue->names[i].expires_at > at)
			at = ue->names[i].expires_at;
	}
	return at;
}
