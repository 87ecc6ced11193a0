/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_keep.c - what a UE knows, as a record that outlives the process.
 *
 * A record is written whenever something changed that the next message has to
 * go on from: the registration, its sets, a CSeq, the subscription.  A
 * challenge that is being answered is not in it: that attempt is lost with the
 * process, and the registration goes on from before it.
 */
#include "ue_priv.h"

#include "base_mem.h"
#include "base_pack.h"

#include <string.h>

#define VERSION 3
#define VERSION_ONE 2 /* without further identities */
#define RECORD_MAX 32768
/* No time in a record is taken for more than this from now. */
#define AHEAD_MS (UINT64_C(1000) * UINT32_MAX)

struct saved_set {
	uint32_t id; /* 0: none */
	struct ims_secagree_end me, pcscf;
	struct ims_ipsec_suite suite;
	struct ims_str verify;
	uint64_t until_ms; /* from here on all times: ours, not those of day */
};

struct saved_more {
	char impu[IMS_ID_MAX];
	struct ue_call call;
	uint64_t expires_at;
};

struct saved {
	uint64_t epoch; /* our time 0, as the record counts */
	char impi[IMS_ID_MAX], impu[IMS_ID_MAX];
	struct ims_str local, pcscf;
	/* Registration. */
	struct ue_call call;
	uint64_t expires_at;
	bool offering, fell_back, no_outbound, outbound, tcp;
	struct ims_str service_route, associated, pub_gruu, temp_gruu;
	char gruu_call_id[33];
	uint32_t gruu_cseq;
	uint32_t keep_s;
	bool keep_asked;
	/* The last challenge that was accepted. */
	struct ims_str realm, nonce, opaque, algorithm, password;
	bool has_opaque;
	uint32_t qop; /* 0: none, 1: auth, 2: auth-int */
	uint32_t nc;
	char cnonce[17];
	struct ims_digest_algo algo;
	/* SAs. */
	struct saved_set now, old;
	/* Subscription. */
	bool subscribed;
	char sub_impu[IMS_ID_MAX];
	char sub_call_id[33], sub_tag[17];
	struct ims_str sub_peer_tag, sub_target, sub_route;
	uint32_t sub_cseq, sub_peer_cseq, sub_ask;
	bool sub_heard_cseq;
	uint64_t sub_ends;
	struct saved_more more[IMS_UE_MORE];
	size_t n_more;
	/* Found while it was judged. */
	size_t at_pcscf;
};

/* --- out ------------------------------------------------------------------- */

static uint64_t wall(const struct ims_ue *ue, uint64_t at_ms)
{
	return at_ms == IMS_NEVER ? 0 : ue->conf.wall_ms + at_ms;
}

static void put_text(struct ims_buf *b, const struct ue_text *t)
{
	ims_pack_str(b, ims_ue_text(t));
}

static void put_end(struct ims_buf *b, const struct ims_secagree_end *e)
{
	ims_pack_u64(b, e->spi_c);
	ims_pack_u64(b, e->spi_s);
	ims_pack_u64(b, e->port_c);
	ims_pack_u64(b, e->port_s);
}

static void put_set(const struct ims_ue *ue, struct ims_buf *b,
		    const struct ue_set *s)
{
	ims_pack_u64(b, s->id);
	if (!s->id)
		return;
	put_end(b, &s->me);
	put_end(b, &s->pcscf);
	ims_pack_u64(b, s->suite.alg);
	ims_pack_u64(b, s->suite.ealg);
	put_text(b, &s->verify);
	ims_pack_u64(b, wall(ue, s->until_ms));
}

static void put_who(const struct ims_ue *ue, struct ims_buf *b)
{
	char text[IMS_ADDR_TEXT];

	ims_pack_str(b, ims_str(ue->conf.impi));
	ims_pack_str(b, ims_str(ue->impu));
	ims_pack_str(b, ims_str(ims_addr_text(ue->conf.local, text)));
	ims_pack_str(b, ims_str(ims_addr_text(ims_ue_pcscf(ue), text)));
}

static void put_call(struct ims_buf *b, const struct ue_call *c)
{
	ims_pack_str(b, ims_str(c->id));
	ims_pack_str(b, ims_str(c->tag));
	ims_pack_u64(b, c->cseq);
}

static void put_registration(const struct ims_ue *ue, struct ims_buf *b)
{
	put_call(b, &ue->call[0]);
	ims_pack_u64(b, wall(ue, ue->expires_at));
	ims_pack_u64(b, ue->offering);
	ims_pack_u64(b, ue->fell_back);
	ims_pack_u64(b, ue->no_outbound);
	ims_pack_u64(b, ue->outbound);
	ims_pack_u64(b, ue->register_transport == IMS_TCP);
	put_text(b, &ue->service_route);
	put_text(b, &ue->associated);
	put_text(b, &ue->pub_gruu);
	put_text(b, &ue->temp_gruu);
	ims_pack_str(b, ims_str(ue->gruu_call_id));
	ims_pack_u64(b, ue->gruu_cseq);
	ims_pack_u64(b, ue->flow.every_s);
	ims_pack_u64(b, ue->flow.asked);
}

/* Only one that the network took our answer to. */
static void put_challenge(const struct ims_ue *ue, struct ims_buf *b)
{
	const struct ue_challenge *ch = &ue->ch;
	bool settled = ue->reg == UE_REGISTERED || ue->challenges == 0;

	put_text(b, &ch->realm);
	put_text(b, &ch->nonce);
	put_text(b, &ch->opaque);
	put_text(b, &ch->algorithm);
	ims_pack_str(b,
		     ims_str_n(ch->password, settled ? ch->password_len : 0));
	ims_pack_u64(b, ch->has_opaque);
	ims_pack_u64(b, !ch->qop ? 0 : strcmp(ch->qop, "auth") == 0 ? 1 : 2);
	ims_pack_u64(b, ch->nc);
	ims_pack_str(b, ims_str(ch->cnonce));
}

static void put_subscription(const struct ims_ue *ue, struct ims_buf *b)
{
	bool lives = ue->sub >= UE_SUB_ACCEPTED && ue->sub <= UE_SUB_REFRESHING;

	ims_pack_u64(b, lives);
	if (!lives)
		return;
	ims_pack_str(b, ims_str(ue->sub_impu));
	ims_pack_str(b, ims_str(ue->sub_call_id));
	ims_pack_str(b, ims_str(ue->sub_tag));
	put_text(b, &ue->sub_peer_tag);
	put_text(b, &ue->sub_target);
	put_text(b, &ue->sub_route);
	ims_pack_u64(b, ue->sub_cseq);
	ims_pack_u64(b, ue->sub_peer_cseq);
	ims_pack_u64(b, ue->sub_ask);
	ims_pack_u64(b, ue->sub_heard_cseq);
	ims_pack_u64(b, wall(ue, ue->at[UE_T_SUB_END]));
}

static void put_more(const struct ims_ue *ue, struct ims_buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < ue->conf.n_more; i++)
		n += ims_ue_more_is_on(&ue->more[i]);
	ims_pack_u64(b, n);
	for (size_t i = 0; i < ue->conf.n_more; i++) {
		if (!ims_ue_more_is_on(&ue->more[i]))
			continue;
		ims_pack_str(b, ims_str(ue->conf.more[i]));
		put_call(b, &ue->call[1 + i]);
		ims_pack_u64(b, wall(ue, ue->more[i].expires_at));
	}
}

void ims_ue_remember(struct ims_ue *ue)
{
	char mem[RECORD_MAX];
	struct ims_buf b;

	if (!ims_ue_reg_lives(ue) && !(ue->kept && ims_ue_reg_leaves(ue)))
		return;
	ims_buf_init(&b, mem, sizeof mem);
	ims_pack_begin(&b, VERSION);
	ims_pack_u64(&b, wall(ue, ue->now_ms));
	put_who(ue, &b);
	put_registration(ue, &b);
	put_challenge(ue, &b);
	put_set(ue, &b, &ue->now);
	put_set(ue, &b, &ue->old);
	put_subscription(ue, &b);
	put_more(ue, &b);
	if (b.over) {
		ims_trace(ue->trace, IMS_WARN, "ue_keep",
			  "the registration is too long for a record");
	} else {
		ims_acts_keep(&ue->acts, IMS_KEEP_UE, ims_str(ue->conf.impi),
			      ims_buf_str(&b));
		ue->kept = true;
	}
	ims_wipe(mem, sizeof mem);
}

void ims_ue_unkeep(struct ims_ue *ue)
{
	if (ue->kept)
		ims_acts_keep(&ue->acts, IMS_KEEP_UE, ims_str(ue->conf.impi),
			      IMS_S(""));
	ue->kept = false;
}

/* --- back ------------------------------------------------------------------ */

/* What goes into messages: nothing in it may begin a line, unless it goes on
 * with the one before [RFC 3261 7.3.1].  also: control characters that may be.
 */
static bool is_sound(struct ims_str s, const char *also)
{
	for (size_t i = 0; i < s.n; i++) {
		struct ims_str fold = ims_str_from(s, i);
		uint8_t c = (uint8_t)s.p[i];

		if (ims_str_starts(fold, IMS_S("\r\n ")) ||
		    ims_str_starts(fold, IMS_S("\r\n\t")))
			i++;
		else if (c == 127 || (c < ' ' && (!c || !strchr(also, c))))
			return false;
	}
	return true;
}

static struct ims_str get_text(struct ims_unpack *u, const char *also)
{
	struct ims_str s = ims_unpack_str(u);

	u->bad |= !is_sound(s, also);
	return s;
}

static void get_word(struct ims_unpack *u, char *out, size_t cap)
{
	ims_unpack_cstr(u, out, cap);
	u->bad |= !is_sound(ims_str(out), "");
}

/* Who sets the clock back lengthens nothing that was granted: then no time
 * has passed since it was written.
 */
static void get_epoch(const struct ims_ue *ue, struct ims_unpack *u,
		      struct saved *s)
{
	uint64_t written = ims_unpack_u64(u);

	s->epoch = ue->conf.wall_ms;
	if (written > ue->now_ms && written - ue->now_ms > s->epoch)
		s->epoch = written - ue->now_ms;
}

/* A time of day as ours; one that is over is now. */
static uint64_t get_time(const struct ims_ue *ue, uint64_t epoch,
			 struct ims_unpack *u)
{
	uint64_t at = ims_unpack_u64(u);

	at = at > epoch ? at - epoch : 0;
	if (at < ue->now_ms)
		return ue->now_ms;
	return at - ue->now_ms < AHEAD_MS ? at : ue->now_ms + AHEAD_MS;
}

static void get_end(struct ims_unpack *u, struct ims_ip ip,
		    struct ims_secagree_end *e)
{
	e->ip = ip;
	e->spi_c = ims_unpack_u32(u, UINT32_MAX);
	e->spi_s = ims_unpack_u32(u, UINT32_MAX);
	e->port_c = (uint16_t)ims_unpack_u32(u, UINT16_MAX);
	e->port_s = (uint16_t)ims_unpack_u32(u, UINT16_MAX);
	if (!e->spi_c || !e->spi_s || !e->port_c || !e->port_s)
		u->bad = true;
}

static void get_set(const struct ims_ue *ue, uint64_t epoch,
		    struct ims_unpack *u, struct ims_ip peer,
		    struct saved_set *s)
{
	s->id = ims_unpack_u32(u, UINT32_MAX);
	if (!s->id)
		return;
	get_end(u, ue->conf.local.ip, &s->me);
	get_end(u, peer, &s->pcscf);
	s->suite.alg = (enum ims_ipsec_alg)ims_unpack_u32(u, IMS_N_ALGS - 1);
	s->suite.ealg = (enum ims_ipsec_ealg)ims_unpack_u32(u, IMS_N_EALGS - 1);
	s->verify = get_text(u, "\t");
	s->until_ms = get_time(ue, epoch, u);
}

static void get_who(struct ims_unpack *u, struct saved *s)
{
	get_word(u, s->impi, sizeof s->impi);
	get_word(u, s->impu, sizeof s->impu);
	s->local = ims_unpack_str(u);
	s->pcscf = ims_unpack_str(u);
}

static void get_call(struct ims_unpack *u, struct ue_call *c)
{
	get_word(u, c->id, sizeof c->id);
	get_word(u, c->tag, sizeof c->tag);
	c->cseq = ims_unpack_u32(u, INT32_MAX);
	if (!c->id[0] || !c->tag[0])
		u->bad = true;
}

static void get_registration(const struct ims_ue *ue, struct ims_unpack *u,
			     struct saved *s)
{
	get_call(u, &s->call);
	s->expires_at = get_time(ue, s->epoch, u);
	s->offering = ims_unpack_bool(u);
	s->fell_back = ims_unpack_bool(u);
	s->no_outbound = ims_unpack_bool(u);
	s->outbound = ims_unpack_bool(u);
	s->tcp = ims_unpack_bool(u);
	s->service_route = get_text(u, "\t");
	s->associated = get_text(u, "\n");
	s->pub_gruu = get_text(u, "\t");
	s->temp_gruu = get_text(u, "\t");
	get_word(u, s->gruu_call_id, sizeof s->gruu_call_id);
	s->gruu_cseq = ims_unpack_u32(u, UINT32_MAX);
	s->keep_s = ims_unpack_u32(u, UINT32_MAX / 1000);
	s->keep_asked = ims_unpack_bool(u);
}

static void get_challenge(struct ims_unpack *u, struct saved *s)
{
	s->realm = get_text(u, "\t");
	s->nonce = get_text(u, "\t");
	s->opaque = get_text(u, "\t");
	s->algorithm = get_text(u, "\t");
	s->password = ims_unpack_str(u);
	s->has_opaque = ims_unpack_bool(u);
	s->qop = ims_unpack_u32(u, 2);
	s->nc = ims_unpack_u32(u, UINT32_MAX - 1);
	get_word(u, s->cnonce, sizeof s->cnonce);
	if (s->password.n > sizeof((struct ue_challenge *)0)->password ||
	    (s->password.n && ims_digest_algo_parse(s->algorithm, &s->algo)))
		u->bad = true;
}

static void get_subscription(const struct ims_ue *ue, struct ims_unpack *u,
			     struct saved *s)
{
	s->subscribed = ims_unpack_bool(u);
	if (!s->subscribed)
		return;
	get_word(u, s->sub_impu, sizeof s->sub_impu);
	get_word(u, s->sub_call_id, sizeof s->sub_call_id);
	get_word(u, s->sub_tag, sizeof s->sub_tag);
	s->sub_peer_tag = get_text(u, "\t");
	s->sub_target = get_text(u, "\t");
	s->sub_route = get_text(u, "\t");
	s->sub_cseq = ims_unpack_u32(u, INT32_MAX);
	s->sub_peer_cseq = ims_unpack_u32(u, UINT32_MAX);
	s->sub_ask = ims_unpack_u32(u, UINT32_MAX);
	s->sub_heard_cseq = ims_unpack_bool(u);
	s->sub_ends = get_time(ue, s->epoch, u);
}

static void get_more(const struct ims_ue *ue, struct ims_unpack *u,
		     struct saved *s)
{
	s->n_more = ims_unpack_u32(u, IMS_UE_MORE);
	for (size_t i = 0; i < s->n_more; i++) {
		struct saved_more *m = &s->more[i];

		get_word(u, m->impu, sizeof m->impu);
		get_call(u, &m->call);
		m->expires_at = get_time(ue, s->epoch, u);
	}
}

/* Is it of this user, from this address, at a P-CSCF that is still ours? */
static int judge(const struct ims_ue *ue, struct saved *s, struct ims_flaw *why)
{
	struct ims_addr local, pcscf;

	if (strcmp(s->impi, ue->conf.impi) != 0)
		return ims_flaw(why, -IMS_E_SYNTAX,
				"the record is of another user");
	if (ims_addr_parse(s->local, 0, &local) ||
	    !ims_addr_eq(local, ue->conf.local))
		return ims_flaw(why, -IMS_E_ADDR,
				"it was registered from another address");
	if (!ims_addr_parse(s->pcscf, 0, &pcscf))
		for (size_t i = 0; i < ue->conf.n_pcscf; i++) {
			if (!ims_addr_eq(pcscf, ue->conf.pcscf[i]))
				continue;
			s->at_pcscf = i;
			return 0;
		}
	return ims_flaw(why, -IMS_E_ADDR,
			"it was registered at another P-CSCF");
}

static int read_record(const struct ims_ue *ue, struct ims_str record,
		       struct saved *s, struct ims_flaw *why)
{
	struct ims_unpack u;
	bool one = ims_unpack_begin(&u, record, VERSION_ONE);
	int err;

	if (!one)
		ims_unpack_begin(&u, record, VERSION);
	get_epoch(ue, &u, s);
	get_who(&u, s);
	err = u.bad ? 0 : judge(ue, s, why);
	if (err)
		return err;
	get_registration(ue, &u, s);
	get_challenge(&u, s);
	get_set(ue, s->epoch, &u, ue->conf.pcscf[s->at_pcscf].ip, &s->now);
	get_set(ue, s->epoch, &u, ue->conf.pcscf[s->at_pcscf].ip, &s->old);
	get_subscription(ue, &u, s);
	if (!one)
		get_more(ue, &u, s);
	if (ims_unpack_end(&u) || (s->now.id && s->now.id == s->old.id))
		return ims_flaw(why, -IMS_E_SYNTAX,
				"no record, damaged, or of another version");
	return 0;
}

static bool take_texts(struct ims_ue *ue, const struct saved *s)
{
	struct ue_challenge *ch = &ue->ch;

	return ims_ue_keep(&ue->service_route, s->service_route) &&
	       ims_ue_keep(&ue->associated, s->associated) &&
	       ims_ue_keep(&ue->pub_gruu, s->pub_gruu) &&
	       ims_ue_keep(&ue->temp_gruu, s->temp_gruu) &&
	       ims_ue_keep(&ch->realm, s->realm) &&
	       ims_ue_keep(&ch->nonce, s->nonce) &&
	       ims_ue_keep(&ch->opaque, s->opaque) &&
	       ims_ue_keep(&ch->algorithm, s->algorithm) &&
	       ims_ue_keep(&ue->now.verify, s->now.verify) &&
	       ims_ue_keep(&ue->old.verify, s->old.verify) &&
	       ims_ue_keep(&ue->sub_peer_tag, s->sub_peer_tag) &&
	       ims_ue_keep(&ue->sub_target, s->sub_target) &&
	       ims_ue_keep(&ue->sub_route, s->sub_route);
}

static void take_set(struct ue_set *to, const struct saved_set *s)
{
	if (!s->id)
		return;
	to->id = s->id;
	to->me = s->me;
	to->pcscf = s->pcscf;
	to->suite = s->suite;
	to->until_ms = s->until_ms;
	to->heard = false;
	to->udp = (struct ims_flow){
		.local = {s->me.ip, s->me.port_c},
		.remote = {s->pcscf.ip, s->pcscf.port_s},
		.transport = IMS_UDP,
		.side = IMS_GM,
		.set = s->id,
	};
}

static void take_challenge(struct ims_ue *ue, const struct saved *s)
{
	static const char *const qops[] = {NULL, "auth", "auth-int"};
	struct ue_challenge *ch = &ue->ch;

	ch->algo = s->algo;
	ch->has_opaque = s->has_opaque;
	ch->qop = qops[s->qop];
	ch->nc = s->nc;
	memcpy(ch->cnonce, s->cnonce, sizeof ch->cnonce);
	if (s->password.n)
		memcpy(ch->password, s->password.p, s->password.n);
	ch->password_len = s->password.n;
}

static void take_registration(struct ims_ue *ue, const struct saved *s)
{
	uint64_t left = s->expires_at - ue->now_ms;
	uint64_t renew = ims_ue_renew_ms(left);

	ue->reg = UE_REGISTERED;
	ue->registered_at = ue->now_ms ? ue->now_ms : 1;
	ue->pcscf = s->at_pcscf;
	memcpy(ue->impu, s->impu, sizeof ue->impu);
	ue->call[0] = s->call;
	ue->expires_at = s->expires_at;
	ue->offering = s->offering;
	ue->fell_back = s->fell_back;
	ue->no_outbound = s->no_outbound;
	ue->outbound = s->outbound;
	ue->register_transport = s->tcp ? IMS_TCP : IMS_UDP;
	ims_ue_timer(ue, UE_T_EXPIRE, left);
	ims_ue_timer(ue, UE_T_REFRESH, renew);
	memcpy(ue->gruu_call_id, s->gruu_call_id, sizeof ue->gruu_call_id);
	ue->gruu_cseq = s->gruu_cseq;
	ue->flow.every_s = s->keep_s;
	ue->flow.asked = s->keep_asked;
	if (s->keep_s)
		ims_ue_timer(ue, UE_T_PING, UINT64_C(800) * s->keep_s);
}

/* port_us stays, all else of the next offer is new. */
static void take_offer(struct ims_ue *ue, const struct saved *s)
{
	if (!s->now.id)
		return;
	ue->offer = s->now.me;
	ue->offered_before = true;
}

/* A refresh at once brings full state, which the record does not have. */
static void take_subscription(struct ims_ue *ue, const struct saved *s)
{
	if (!s->subscribed)
		return;
	ue->sub = UE_SUB_ACTIVE;
	memcpy(ue->sub_impu, s->sub_impu, sizeof ue->sub_impu);
	memcpy(ue->sub_call_id, s->sub_call_id, sizeof ue->sub_call_id);
	memcpy(ue->sub_tag, s->sub_tag, sizeof ue->sub_tag);
	ue->sub_cseq = s->sub_cseq;
	ue->sub_peer_cseq = s->sub_peer_cseq;
	ue->sub_heard_cseq = s->sub_heard_cseq;
	ue->sub_ask = s->sub_ask;
	ims_ue_timer(ue, UE_T_SUB_END, s->sub_ends - ue->now_ms);
	ims_ue_timer(ue, UE_T_SUB, 0);
}

/* Those that are still wanted. */
static void take_more(struct ims_ue *ue, const struct saved *s)
{
	for (size_t k = 0; k < s->n_more; k++)
		for (size_t i = 0; i < ue->conf.n_more; i++) {
			if (strcmp(s->more[k].impu, ue->conf.more[i]) != 0)
				continue;
			ue->call[1 + i] = s->more[k].call;
			ims_ue_more_restored(ue, i, s->more[k].expires_at);
		}
}

int ims_ue_restore(struct ims_ue *ue, struct ims_str record, uint64_t now_ms,
		   struct ims_flaw *why)
{
	struct saved s = {0};
	int err;

	if (ue->reg != UE_IDLE)
		return ims_flaw(why, -IMS_E_UNEXPECTED, "it has begun already");
	ue->now_ms = now_ms;
	err = read_record(ue, record, &s, why);
	if (!err && !take_texts(ue, &s))
		err = ims_flaw(why, -IMS_E_NOMEM, "a UE's record");
	if (!err) {
		take_challenge(ue, &s);
		take_registration(ue, &s);
		take_set(&ue->now, &s.now);
		take_set(&ue->old, &s.old);
		ims_ue_pin(ue, &ue->now);
		ims_ue_pin(ue, &ue->old);
		take_offer(ue, &s);
		take_subscription(ue, &s);
		take_more(ue, &s);
		ue->resumed = ue->kept = true;
	}
	return err;
}

bool ims_ue_owns(const struct ims_ue *ue, uint32_t set)
{
	return ims_ue_find_set(ue, set) != NULL;
}
