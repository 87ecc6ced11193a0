/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_restore.c - a UE back from its record.
 *
 * A record comes from a file that anybody may have written.  It is read and
 * checked as a whole, against itself and against what is there already; then
 * it becomes a UE, or nothing has happened.
 */
#include <stdlib.h>
#include <string.h>

#include "base_pack.h"
#include "pcscf_priv.h"
#include "sip_addr.h"

#define SETS 6 /* more than one UE can have */
/* No registration is longer: its seconds are 32 bits. */
#define LONGEST ((UINT64_C(1) << 32) * 1000 + 3600000)

struct old_set {
	struct ims_ipsec_set sas;
	unsigned life;
	bool initial;
	uint32_t began_on;
	uint64_t end_at;
	struct ims_str client, server;
};

struct old_ue {
	uint64_t epoch; /* our time 0, as the record counts */
	char impi[IMS_ID_MAX], token[IMS_PCSCF_TOKEN + 1];
	struct ims_ip ip;
	uint64_t expires_at, clear_until;
	struct ims_str impus, service_route, contact;
	bool watched;
	char call_id[IMS_PCSCF_TOKEN + 1], tag[IMS_PCSCF_TOKEN + 1];
	struct ims_str remote_tag, target, routes;
	uint32_t cseq, remote_cseq;
	uint64_t watch_ends;
	bool clear;
	struct ims_flow access;
	struct old_set set[SETS];
	size_t n;
};

/* --- reading --- */

/* Since 1970, to our clock; what is past is 0. */
static uint64_t unpack_time(const struct old_ue *o, struct ims_unpack *u)
{
	uint64_t at = ims_unpack_u64(u);

	return at > o->epoch ? at - o->epoch : 0;
}

/* Who sets the clock back lengthens no registration: then no time has passed
 * since it was written.
 */
static void unpack_epoch(const struct ims_pcscf *p, struct ims_unpack *u,
			 uint64_t now_ms, struct old_ue *o)
{
	uint64_t written = ims_unpack_u64(u);

	o->epoch = p->conf.wall_ms;
	if (written > now_ms && written - now_ms > o->epoch)
		o->epoch = written - now_ms;
}

static struct ims_ip unpack_ip(struct ims_unpack *u)
{
	struct ims_str s = ims_unpack_str(u);

	return s.n == 4 || s.n == 16 ? ims_ip_from(s.p, s.n)
				     : (struct ims_ip){0};
}

static struct ims_addr unpack_addr(struct ims_unpack *u)
{
	struct ims_ip ip = unpack_ip(u);

	return (struct ims_addr){ip, (uint16_t)ims_unpack_u32(u, 65535)};
}

static void unpack_set(const struct old_ue *o, struct ims_unpack *u,
		       struct old_set *s)
{
	*s = (struct old_set){0};
	s->sas.id = ims_unpack_u32(u, UINT32_MAX);
	s->life = ims_unpack_u32(u, UINT8_MAX);
	s->initial = ims_unpack_bool(u);
	s->began_on = ims_unpack_u32(u, UINT32_MAX);
	s->end_at = unpack_time(o, u);
	s->sas.suite.alg = ims_unpack_u32(u, IMS_N_ALGS - 1);
	s->sas.suite.ealg = ims_unpack_u32(u, IMS_N_EALGS - 1);
	for (int i = 0; i < IMS_N_ARROWS; i++) {
		s->sas.sa[i].src = unpack_addr(u);
		s->sas.sa[i].dst = unpack_addr(u);
		s->sas.sa[i].spi = ims_unpack_u32(u, UINT32_MAX);
	}
	s->client = ims_unpack_str(u);
	s->server = ims_unpack_str(u);
}

static void unpack_watch(struct ims_unpack *u, struct old_ue *o)
{
	o->watched = ims_unpack_bool(u);
	if (!o->watched)
		return;
	ims_unpack_cstr(u, o->call_id, sizeof(o->call_id));
	ims_unpack_cstr(u, o->tag, sizeof(o->tag));
	o->remote_tag = ims_unpack_str(u);
	o->target = ims_unpack_str(u);
	o->routes = ims_unpack_str(u);
	o->cseq = ims_unpack_u32(u, UINT32_MAX);
	o->remote_cseq = ims_unpack_u32(u, UINT32_MAX);
	o->watch_ends = unpack_time(o, u);
}

static int unpack(const struct ims_pcscf *p, struct ims_str record,
		  uint64_t now_ms, struct old_ue *o)
{
	struct ims_unpack u;

	if (!ims_unpack_begin(&u, record, IMS_PCSCF_RECORD))
		return -IMS_E_SYNTAX;
	unpack_epoch(p, &u, now_ms, o);
	ims_unpack_cstr(&u, o->impi, sizeof(o->impi));
	o->ip = unpack_ip(&u);
	ims_unpack_cstr(&u, o->token, sizeof(o->token));
	o->expires_at = unpack_time(o, &u);
	o->impus = ims_unpack_str(&u);
	o->service_route = ims_unpack_str(&u);
	o->contact = ims_unpack_str(&u);
	o->clear = ims_unpack_bool(&u);
	o->clear_until = unpack_time(o, &u);
	o->access.local = unpack_addr(&u);
	o->access.remote = unpack_addr(&u);
	o->access.transport = ims_unpack_u32(&u, IMS_TCP);
	unpack_watch(&u, o);
	o->n = ims_unpack_u32(&u, SETS);
	for (size_t i = 0; i < o->n; i++)
		unpack_set(o, &u, &o->set[i]);
	return ims_unpack_end(&u);
}

/* --- does it agree with itself, and with our configuration? --- */

static bool is_token(const char *t)
{
	size_t n = 0;

	for (; t[n]; n++)
		if (!((t[n] >= '0' && t[n] <= '9') ||
		      (t[n] >= 'a' && t[n] <= 'z') ||
		      (t[n] >= 'A' && t[n] <= 'Z')))
			return false;
	return n == IMS_PCSCF_TOKEN;
}

static bool in_time(uint64_t at, uint64_t now_ms)
{
	return at <= now_ms + LONGEST;
}

static bool is_mechs(struct ims_str text)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	size_t n;

	return text.n < IMS_PCSCF_OFFER && !memchr(text.p, 0, text.n) &&
	       ims_sip_sec_list(text, list, IMS_SIP_SEC_MAX, &n, NULL) == 0;
}

static bool mirrored(const struct ims_ipsec_sa *a, const struct ims_ipsec_sa *b)
{
	return ims_addr_eq(a->src, b->dst) && ims_addr_eq(a->dst, b->src);
}

static bool is_whole(const struct old_ue *o, const struct old_set *s,
		     uint64_t now_ms)
{
	const struct ims_ipsec_sa *sa = s->sas.sa;

	return s->sas.id && s->end_at <= now_ms + LONGEST &&
	       ims_pcscf_life_established(s->life) &&
	       ims_ipsec_suite_valid(s->sas.suite) &&
	       mirrored(&sa[IMS_UC_TO_PS], &sa[IMS_PS_TO_UC]) &&
	       mirrored(&sa[IMS_PC_TO_US], &sa[IMS_US_TO_PC]) &&
	       ims_ip_eq(sa[IMS_UC_TO_PS].src.ip, o->ip) &&
	       ims_ip_eq(sa[IMS_US_TO_PC].src.ip, o->ip) &&
	       sa[IMS_UC_TO_PS].src.port && sa[IMS_US_TO_PC].src.port &&
	       sa[IMS_UC_TO_PS].src.port != sa[IMS_US_TO_PC].src.port &&
	       sa[IMS_UC_TO_PS].spi >= 256 && sa[IMS_US_TO_PC].spi >= 256 &&
	       sa[IMS_UC_TO_PS].spi != sa[IMS_US_TO_PC].spi &&
	       sa[IMS_PS_TO_UC].spi && sa[IMS_PC_TO_US].spi &&
	       is_mechs(s->client) && is_mechs(s->server);
}

static bool are_whole(const struct old_ue *o, uint64_t now_ms)
{
	unsigned in_use = 0, fresh = 0;

	for (size_t i = 0; i < o->n; i++) {
		if (!is_whole(o, &o->set[i], now_ms))
			return false;
		in_use += o->set[i].life == IMS_SET_IN_USE;
		fresh += o->set[i].life == IMS_SET_NEW;
	}
	return in_use <= 1 && fresh <= 1;
}

static bool is_ue(const struct old_ue *o, uint64_t now_ms)
{
	return o->impi[0] && o->ip.family && is_token(o->token) &&
	       in_time(o->expires_at, now_ms) &&
	       in_time(o->clear_until, now_ms) &&
	       (!o->impus.n || ims_pcscf_are_addresses(o->impus)) &&
	       (!o->service_route.n ||
		ims_pcscf_are_addresses(o->service_route)) &&
	       (!o->contact.n || ims_pcscf_is_uri(o->contact)) &&
	       (!o->clear || ims_ip_eq(o->access.remote.ip, o->ip));
}

static bool is_watch(const struct old_ue *o, uint64_t now_ms)
{
	return !o->watched ||
	       (is_token(o->call_id) && is_token(o->tag) &&
		ims_pcscf_is_plain(o->remote_tag) &&
		ims_pcscf_is_uri(o->target) &&
		(!o->routes.n || ims_pcscf_are_addresses(o->routes)) &&
		in_time(o->watch_ends, now_ms));
}

static bool is_ours(const struct ims_pcscf *p, const struct old_set *s)
{
	struct ims_addr ps = s->sas.sa[IMS_UC_TO_PS].dst;
	struct ims_addr pc = s->sas.sa[IMS_US_TO_PC].dst;
	bool ok = false;

	for (size_t i = 0; i < p->conf.n_port_pc; i++)
		ok |= pc.port == p->conf.port_pc[i];
	return ok && ims_pcscf_is_port_ps(p, ps.port) &&
	       ims_ip_eq(ps.ip, p->conf.gm.ip) &&
	       ims_ip_eq(pc.ip, p->conf.gm.ip);
}

static int check(const struct ims_pcscf *p, const struct old_ue *o,
		 uint64_t now_ms, struct ims_flaw *why)
{
	if (!is_ue(o, now_ms) || !is_watch(o, now_ms) || !are_whole(o, now_ms))
		return ims_flaw(why, -IMS_E_SYNTAX,
				"a record contradicts itself");
	for (size_t i = 0; i < o->n; i++)
		if (!is_ours(p, &o->set[i]))
			return ims_flaw(why, -IMS_E_CONFIG,
					"%s: its SAs are with another address "
					"or other ports of ours",
					o->impi);
	if (o->clear && !ims_ip_eq(o->access.local.ip, p->conf.gm.ip))
		return ims_flaw(why, -IMS_E_CONFIG,
				"%s registered at another address of ours",
				o->impi);
	return 0;
}

/* --- what is left of it --- */

static void leave_out_ended(struct old_ue *o, uint64_t now_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->n; i++)
		if (o->set[i].end_at > now_ms)
			o->set[kept++] = o->set[i];
	o->n = kept;
	if (o->clear && o->clear_until <= now_ms)
		o->clear = false;
}

/* --- is its place free? --- */

static bool ids_free(const struct ims_pcscf *p, const struct old_ue *o)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct ims_ipsec_sa *sa = o->set[i].sas.sa;

		if (ims_pcscf_set_by_id(p, o->set[i].sas.id) ||
		    ims_pcscf_set_at(p, sa[IMS_UC_TO_PS].src,
				     sa[IMS_UC_TO_PS].dst.port) ||
		    ims_pcscf_set_at(p, sa[IMS_US_TO_PC].src,
				     sa[IMS_US_TO_PC].dst.port))
			return false;
		for (size_t k = 0; k < i; k++) {
			const struct ims_ipsec_sa *b = o->set[k].sas.sa;

			if (o->set[k].sas.id == o->set[i].sas.id ||
			    mirrored(&sa[IMS_UC_TO_PS], &b[IMS_PS_TO_UC]) ||
			    mirrored(&sa[IMS_US_TO_PC], &b[IMS_PC_TO_US]) ||
			    mirrored(&sa[IMS_UC_TO_PS], &b[IMS_PC_TO_US]))
				return false;
		}
	}
	return true;
}

/* How many of the 2n SPIs could be taken. */
static size_t take_spis(struct ims_pcscf *p, const struct old_ue *o)
{
	size_t n = 0;

	for (; n < 2 * o->n; n++) {
		const struct ims_ipsec_sa *sa = o->set[n / 2].sas.sa;

		if (ims_spi_pool_take_this(
			    &p->spis,
			    sa[n % 2 ? IMS_US_TO_PC : IMS_UC_TO_PS].spi))
			break;
	}
	return n;
}

static void give_spis(struct ims_pcscf *p, const struct old_ue *o, size_t n)
{
	while (n--) {
		const struct ims_ipsec_sa *sa = o->set[n / 2].sas.sa;

		ims_spi_pool_give(&p->spis,
				  sa[n % 2 ? IMS_US_TO_PC : IMS_UC_TO_PS].spi);
	}
}

/* --- into being --- */

static struct ims_pcscf_set *new_set(struct ims_pcscf *p,
				     const struct old_set *o)
{
	struct ims_pcscf_set *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->sas = o->sas;
	s->initial = o->initial;
	s->began_on = o->began_on;
	s->end_at = o->end_at;
	s->due.kind = IMS_DUE_SET;
	if (ims_pcscf_text(&s->client, o->client) ||
	    ims_pcscf_text(&s->server, o->server) ||
	    ims_heap_set(&p->due, &s->due, o->end_at)) {
		ims_pcscf_set_free(p, s);
		return NULL;
	}
	return s;
}

/* All sets, or none. */
static bool new_sets(struct ims_pcscf *p, const struct old_ue *o,
		     struct ims_pcscf_set **out)
{
	for (size_t i = 0; i < o->n; i++) {
		out[i] = new_set(p, &o->set[i]);
		if (out[i])
			continue;
		while (i--)
			ims_pcscf_set_free(p, out[i]);
		return false;
	}
	return true;
}

static int watch(struct ims_pcscf_ue *ue, const struct old_ue *o)
{
	struct ims_pcscf_watch *w = &ue->watch;

	memcpy(w->call_id, o->call_id, sizeof(w->call_id));
	memcpy(w->tag, o->tag, sizeof(w->tag));
	w->cseq = o->cseq;
	w->remote_cseq = o->remote_cseq;
	w->ends_at = o->watch_ends;
	return ims_pcscf_text(&w->remote_tag, o->remote_tag) ||
			       ims_pcscf_text(&w->target, o->target) ||
			       ims_pcscf_text(&w->routes, o->routes)
		       ? -IMS_E_NOMEM
		       : 0;
}

static struct ims_pcscf_ue *new_ue(struct ims_pcscf *p, const struct old_ue *o)
{
	struct ims_pcscf_ue *ue =
		ims_pcscf_ue_new(p, ims_str(o->impi), o->ip, o->token);

	if (!ue)
		return NULL;
	if (ims_pcscf_text(&ue->impus, o->impus) ||
	    ims_pcscf_text(&ue->service_route, o->service_route) ||
	    ims_pcscf_text(&ue->contact, o->contact) || watch(ue, o)) {
		ims_pcscf_ue_settle(p, ue, 0); /* idle: it goes */
		return NULL;
	}
	return ue;
}

static int make(struct ims_pcscf *p, const struct old_ue *o,
		struct ims_flaw *why)
{
	struct ims_pcscf_set *set[SETS];
	struct ims_pcscf_ue *ue;

	if (p->ue_id.n >= p->conf.max_users)
		return ims_flaw(why, -IMS_E_TOOBIG, "too many users");
	if (!new_sets(p, o, set))
		return ims_flaw(why, -IMS_E_NOMEM, "%s", o->impi);
	ue = new_ue(p, o);
	if (!ue) {
		for (size_t i = 0; i < o->n; i++)
			ims_pcscf_set_free(p, set[i]);
		return ims_flaw(why, -IMS_E_NOMEM, "%s", o->impi);
	}
	ue->registered = ue->kept = true;
	ue->expires_at = o->expires_at;
	for (size_t i = o->n; i-- > 0;)
		ims_pcscf_set_restored(p, ue, set[i], o->set[i].life);
	if (o->clear)
		ims_pcscf_ue_clear(p, ue, &o->access, o->clear_until);
	ims_pcscf_reg_restored(ue);
	ims_pcscf_watch_restored(p, ue);
	return 0;
}

static int place(struct ims_pcscf *p, const struct old_ue *o,
		 struct ims_flaw *why)
{
	size_t n;
	int err;

	if (ims_pcscf_ue_find(p, ims_str(o->impi), o->ip) ||
	    ims_pcscf_ue_by_token(p, ims_str(o->token)) || !ids_free(p, o))
		return ims_flaw(why, -IMS_E_EXISTS,
				"%s: it, its sets or their ports are there "
				"already",
				o->impi);
	n = take_spis(p, o);
	err = n < 2 * o->n ? ims_flaw(why, -IMS_E_EXISTS,
				      "%s: an SPI is there already", o->impi)
			   : make(p, o, why);
	if (err)
		give_spis(p, o, n);
	return err;
}

int ims_pcscf_restore(struct ims_pcscf *p, struct ims_str record,
		      uint64_t now_ms, struct ims_flaw *why)
{
	struct old_ue *o = calloc(1, sizeof(*o));
	int err;

	if (!o)
		return ims_flaw(why, -IMS_E_NOMEM, "a UE's record");
	p->now_ms = now_ms;
	err = unpack(p, record, now_ms, o);
	if (err)
		err = ims_flaw(why, err, "no record of a UE");
	else
		err = check(p, o, now_ms, why);
	if (!err) {
		leave_out_ended(o, now_ms);
		if (o->n || o->clear)
			err = place(p, o, why);
		else
			ims_acts_keep(&p->acts, IMS_KEEP_PCSCF,
				      ims_str(o->token), (struct ims_str){0});
	}
	free(o);
	return err;
}

bool ims_pcscf_owns(const struct ims_pcscf *p, uint32_t set)
{
	return ims_pcscf_set_by_id(p, set) != NULL;
}
