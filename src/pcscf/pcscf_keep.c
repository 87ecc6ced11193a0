/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_keep.c - a UE as a record, so that its 200 OK stays true when the
 * process ends.
 *
 * Only what was promised: the registration and the sets that are established.
 * A challenge that is pending was no promise.  Keys are not ours to keep.
 *
 * If the network has ended it, the set that carries the news to the UE is kept
 * as long as it would have lived, as one in use: the S-CSCF will say it again.
 */
#include <string.h>

#include "base_pack.h"
#include "pcscf_priv.h"
#include "sip_addr.h"

/* Not what separates words, nor what ends lines; of UTF-8 all is. */
static bool is_visible(char c)
{
	return (uint8_t)c > ' ' && c != 127;
}

bool ims_pcscf_is_address(struct ims_str s)
{
	struct ims_sip_addr a;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && !is_visible(s.p[i]))
			return false;
	return ims_sip_addr_parse(s, &a) == 0 && !a.star;
}

bool ims_pcscf_are_addresses(struct ims_str list)
{
	struct ims_str value;
	size_t n = 0;

	for (; ims_sip_comma_next(&list, &value); n++)
		if (!ims_pcscf_is_address(value))
			return false;
	return n > 0;
}

static bool is_free_of(struct ims_str s, const char *these)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_visible(s.p[i]) || strchr(these, s.p[i]))
			return false;
	return s.n > 0;
}

bool ims_pcscf_is_plain(struct ims_str s)
{
	return is_free_of(s, "<>,;\"");
}

bool ims_pcscf_is_uri(struct ims_str s)
{
	struct ims_sip_uri u;

	return is_free_of(s, "<>\"") && ims_sip_uri_parse(s, &u) == 0;
}

/* Times of a record are ms since 1970. */
static uint64_t wall(const struct ims_pcscf *p, uint64_t at_ms)
{
	return at_ms > UINT64_MAX - p->conf.wall_ms ? UINT64_MAX
						    : at_ms + p->conf.wall_ms;
}

static void pack_ip(struct ims_buf *b, struct ims_ip ip)
{
	ims_pack_str(b, ims_str_n(ip.b, ims_ip_len(ip)));
}

static void pack_addr(struct ims_buf *b, struct ims_addr a)
{
	pack_ip(b, a.ip);
	ims_pack_u64(b, a.port);
}

static bool is_carrier(const struct ims_pcscf_set *s)
{
	return s->ue->ended && s == ims_pcscf_set_to(s->ue);
}

static void pack_set(const struct ims_pcscf *p, struct ims_buf *b,
		     const struct ims_pcscf_set *s)
{
	ims_pack_u64(b, s->sas.id);
	ims_pack_u64(b, is_carrier(s) ? IMS_SET_IN_USE : s->life);
	ims_pack_u64(b, s->initial);
	ims_pack_u64(b, s->began_on);
	ims_pack_u64(b, wall(p, s->end_at));
	ims_pack_u64(b, s->sas.suite.alg);
	ims_pack_u64(b, s->sas.suite.ealg);
	for (int i = 0; i < IMS_N_ARROWS; i++) {
		pack_addr(b, s->sas.sa[i].src);
		pack_addr(b, s->sas.sa[i].dst);
		ims_pack_u64(b, s->sas.sa[i].spi);
	}
	ims_pack_str(b, ims_str(s->client));
	ims_pack_str(b, ims_str(s->server));
}

static void pack_ue(const struct ims_pcscf *p, struct ims_buf *b,
		    const struct ims_pcscf_ue *ue)
{
	ims_pack_begin(b, IMS_PCSCF_RECORD);
	ims_pack_u64(b, wall(p, p->now_ms));
	ims_pack_str(b, ims_str(ue->impi));
	pack_ip(b, ue->ip);
	ims_pack_str(b, ims_str(ue->token));
	ims_pack_u64(b, wall(p, ue->expires_at));
	ims_pack_str(b, ims_str(ue->impus));
	ims_pack_str(b, ims_str(ue->service_route));
	ims_pack_str(b, ims_str(ue->contact));
	ims_pack_u64(b, ue->clear);
	ims_pack_u64(b, ue->clear ? wall(p, ue->due.at_ms) : 0);
	pack_addr(b, ue->access.local);
	pack_addr(b, ue->access.remote);
	ims_pack_u64(b, ue->access.transport);
}

/* Our dialog with the S-CSCF, if there is one: else NOTIFYs would find nobody.
 */
static void pack_watch(const struct ims_pcscf *p, struct ims_buf *b,
		       const struct ims_pcscf_ue *ue)
{
	const struct ims_pcscf_watch *w = &ue->watch;
	bool on = ims_pcscf_watch_is_on(ue);

	ims_pack_u64(b, on);
	if (!on)
		return;
	ims_pack_str(b, ims_str(w->call_id));
	ims_pack_str(b, ims_str(w->tag));
	ims_pack_str(b, ims_str(w->remote_tag));
	ims_pack_str(b, ims_str(w->target));
	ims_pack_str(b, ims_str(w->routes));
	ims_pack_u64(b, w->cseq);
	ims_pack_u64(b, w->remote_cseq);
	ims_pack_u64(b, wall(p, w->ends_at));
}

static bool is_packed(const struct ims_pcscf_set *s)
{
	return s->ue->ended ? is_carrier(s) : ims_pcscf_set_established(s);
}

static void pack_sets(const struct ims_pcscf *p, struct ims_buf *b,
		      const struct ims_pcscf_ue *ue)
{
	size_t n = 0;

	for (const struct ims_pcscf_set *s = ue->sets; s; s = s->next)
		n += is_packed(s);
	ims_pack_u64(b, n);
	for (const struct ims_pcscf_set *s = ue->sets; s; s = s->next)
		if (is_packed(s))
			pack_set(p, b, s);
}

void ims_pcscf_forget(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	ims_list_del(&ue->unsaved);
	if (ue->kept)
		ims_acts_keep(&p->acts, IMS_KEEP_PCSCF, ims_str(ue->token),
			      (struct ims_str){0});
	ue->kept = false;
}

void ims_pcscf_keep(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	struct ims_buf b = ims_pcscf_out(p);

	if (!ue->registered && !(ue->ended && ims_pcscf_set_to(ue))) {
		ims_pcscf_forget(p, ue);
		return;
	}
	ims_list_del(&ue->unsaved);
	pack_ue(p, &b, ue);
	pack_watch(p, &b, ue);
	pack_sets(p, &b, ue);
	if (b.over) {
		ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, -IMS_E_TOOBIG, 0,
			      "%s: too much to keep: it will be forgotten when "
			      "the program ends",
			      ue->impi);
		return;
	}
	ims_acts_keep(&p->acts, IMS_KEEP_PCSCF, ims_str(ue->token),
		      ims_buf_str(&b));
	ue->kept = true;
}

void ims_pcscf_changed(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	if (ue->unsaved.next)
		return;
	if (ue->registered || ue->kept)
		ims_list_add(&p->unsaved, &ue->unsaved);
}

void ims_pcscf_keep_all(struct ims_pcscf *p)
{
	ims_list_each (pos, &p->unsaved)
		ims_pcscf_keep(p, ims_container(pos, struct ims_pcscf_ue,
						unsaved));
}
