/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_script.h - a UE with a USIM, and a network that does what a test says. */
#ifndef IMS_UE_SCRIPT_H
#define IMS_UE_SCRIPT_H

#include "sip_build.h"
#include "ue_priv.h"

#include "test.h"

/* The seed's numbers. */
#define SEED_NONCE "26ohPzgYyy3VFVa4VnXhKgx8Ta1aXYAA27sDDHxNLVo="
#define SEED_SERVER                                                \
	"ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;mod=trans;" \
	"spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718;q=0.1"
#define SEED_REALM "ims.mnc01.mcc001.3gppnetwork.org"

struct sent {
	char text[8192];
	size_t n;
	struct ims_flow flow;
	uint32_t ref;
};

struct told {
	enum ims_tell tell;
	int err;
	uint32_t set;
	char text[300];
};

struct script {
	struct ims_ue *ue;
	struct ims_ue_conf conf;
	struct ims_card card;
	uint64_t now, random;
	bool hold_sim, hold_sa; /* do not answer these by yourself */
	/* What came of the last event. */
	struct sent sent[8];
	size_t n_sent;
	struct told told[16];
	size_t n_told;
	unsigned sims, adds, dels;
	uint32_t deleted[8];
	struct ims_ipsec_set set; /* the last that was added */
	uint32_t life_of, life_s; /* the last SA_LIFE */
	struct sent last;         /* the last request */
	/* What the store has of it; with nothing it is forgotten. */
	char record[32768];
	size_t n_record;
	unsigned keeps;
	bool kept_first; /* a KEEP came before any SEND of the same event */
	bool kept_late;  /* a KEEP came after a SEND of the same event */
};

static inline void script_card(struct ims_card *c)
{
	uint8_t k[16];
	struct ims_aka_key key;

	for (int i = 0; i < 16; i++)
		k[i] = (uint8_t)(i * 0x11);
	assert_int_equal(ims_aka_key_init(&key, IMS_AKA_XOR, k, sizeof k), 0);
	ims_card_init(c, &key);
}

/* The seed's subscriber, as the demo has it. */
static inline void script_conf(struct ims_ue_conf *c)
{
	memset(c, 0, sizeof *c);
	ims_ue_conf_default(c);
	strcpy(c->impi, "001010123456789@ims.sharetechnote.com");
	strcpy(c->impu, "sip:001010123456789@" SEED_REALM);
	strcpy(c->domain, "ims.sharetechnote.com");
	ims_addr_parse(IMS_S("[2001::1:d1ae:bb37:d9c9:81d0]:5060"), 5060,
		       &c->local);
	ims_addr_parse(IMS_S("[2001:0:0:1::2]:5060"), 5060, &c->pcscf[0]);
	c->n_pcscf = 1;
	c->transport_register = IMS_UE_TCP;
	c->transport_other = IMS_UE_UDP;
	c->policy.n_suites = 2;
	c->policy.suites[0] =
		(struct ims_ipsec_suite){IMS_ALG_HMAC_MD5, IMS_EALG_NULL};
	c->policy.suites[1] =
		(struct ims_ipsec_suite){IMS_ALG_HMAC_SHA1, IMS_EALG_NULL};
	c->policy.allow_deprecated = true;
	c->port_uc = 38003;
	c->port_us = 39003;
	c->spi_uc = 565817;
	c->spi_us = 565818;
	c->spi10 = true;
	strcpy(c->instance, "<urn:gsma:imei:35910506-000422-0>");
	strcpy(c->contact_params,
	       ";+g.3gpp.smsip;+g.3gpp.icsi-ref="
	       "\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\";video");
	c->reg_id = 1;
	strcpy(c->user_agent, "IMS TestClient/4.0.0 H81110t");
	strcpy(c->access_info,
	       "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100000000000");
}

static inline void script_feed(struct script *s, const struct ims_ev *ev);

/* The seed's SQN is 0, which a fresh card of ours has already seen: its phone
 * had a card that takes it.
 */
static inline void script_seed_card(const struct script *s, const uint8_t *rnd,
				    const uint8_t *autn,
				    struct ims_card_answer *a)
{
	uint8_t seed_rnd[16], seed_autn[16];
	struct ims_aka_out o;

	ims_digest_nonce_open(ims_str(SEED_NONCE), seed_rnd, seed_autn);
	if (memcmp(rnd, seed_rnd, 16) != 0 || memcmp(autn, seed_autn, 16) != 0)
		return;
	assert_int_equal(ims_aka_f2345(&s->card.key, rnd, &o), 0);
	a->verdict = IMS_CARD_OK;
	memcpy(a->res, o.res, sizeof a->res);
	a->res_len = o.res_len;
	memcpy(a->ck, o.ck, sizeof a->ck);
	memcpy(a->ik, o.ik, sizeof a->ik);
}

/* After the acts were taken: the answers come as events of their own. */
static inline void script_answer(struct script *s, bool sim, bool add,
				 const uint8_t *rnd, const uint8_t *autn)
{
	struct ims_card_answer a;
	struct ims_ev ev = {.kind = IMS_EV_SIM, .answer = &a};

	if (sim && !s->hold_sim) {
		ims_card_challenge(&s->card, rnd, autn, &a);
		if (a.verdict == IMS_CARD_BAD_MAC)
			ev.err = ims_card_why(&s->card, rnd, autn);
		script_seed_card(s, rnd, autn, &a);
		script_feed(s, &ev);
	}
	if (add && !s->hold_sa)
		script_feed(s, &(struct ims_ev){.kind = IMS_EV_SA,
						.set = s->set.id});
}

static inline void script_sent(struct script *s, const struct ims_act *a)
{
	struct sent *t = &s->sent[s->n_sent < N_OF(s->sent) - 1 ? s->n_sent++
								: s->n_sent];

	assert_true(a->bytes.n < sizeof t->text);
	memcpy(t->text, a->bytes.p, a->bytes.n);
	t->text[t->n = a->bytes.n] = 0;
	t->flow = a->flow;
	t->ref = a->ref;
	if (strncmp(t->text, "SIP/2.0", 7) != 0)
		s->last = *t;
}

static inline void script_told(struct script *s, const struct ims_act *a)
{
	struct told *t = &s->told[s->n_told < N_OF(s->told) - 1 ? s->n_told++
								: s->n_told];

	t->tell = a->tell;
	t->err = a->err;
	t->set = a->set;
	snprintf(t->text, sizeof t->text, "%.*s", IMS_STR_ARG(a->text));
}

static inline void script_kept(struct script *s, const struct ims_act *a)
{
	assert_int_equal(a->keep, IMS_KEEP_UE);
	assert_str(a->key, s->conf.impi);
	assert_true(a->bytes.n < sizeof s->record);
	if (a->bytes.n)
		memcpy(s->record, a->bytes.p, a->bytes.n);
	s->n_record = a->bytes.n;
	s->keeps++;
	s->kept_late |= s->n_sent > 0;
	s->kept_first |= s->n_sent == 0;
}

static inline void script_take(struct script *s)
{
	uint8_t rnd[16], autn[16];
	bool sim = false, add = false;
	struct ims_act a;

	while (ims_ue_next(s->ue, &a)) {
		if (a.kind == IMS_ACT_SEND)
			script_sent(s, &a);
		if (a.kind == IMS_ACT_KEEP)
			script_kept(s, &a);
		if (a.kind == IMS_ACT_TELL)
			script_told(s, &a);
		if (a.kind == IMS_ACT_SIM) {
			sim = true;
			s->sims++;
			memcpy(rnd, a.rand, 16);
			memcpy(autn, a.autn, 16);
		}
		if (a.kind == IMS_ACT_SA_ADD) {
			add = true;
			s->adds++;
			s->set = *a.add;
		}
		if (a.kind == IMS_ACT_SA_LIFE) {
			s->life_of = a.set;
			s->life_s = a.life_s;
		}
		if (a.kind == IMS_ACT_SA_DEL)
			s->deleted[s->dels++ % N_OF(s->deleted)] = a.set;
	}
	script_answer(s, sim, add, rnd, autn);
}

static inline void script_feed(struct script *s, const struct ims_ev *ev)
{
	ims_ue_event(s->ue, ev, s->now);
	script_take(s);
}

/* One event from outside, and all that follows from it. */
static inline void script_on(struct script *s, const struct ims_ev *ev)
{
	s->n_sent = s->n_told = 0;
	s->sims = s->adds = s->dels = s->keeps = 0;
	s->kept_late = s->kept_first = false;
	script_feed(s, ev);
}

static inline void script_new(struct script *s, const struct ims_ue_conf *conf)
{
	struct ims_rand rnd;

	memset(s, 0, sizeof *s);
	s->now = 1000000;
	s->random = 7;
	rnd = ims_rand_seeded(&s->random);
	if (conf)
		s->conf = *conf;
	else
		script_conf(&s->conf);
	script_card(&s->card);
	s->ue = ims_ue_new(&s->conf, &rnd, NULL);
	assert_non_null(s->ue);
}

static inline void script_free(struct script *s)
{
	ims_ue_free(s->ue);
	ims_card_wipe(&s->card);
}

static inline void script_start(struct script *s)
{
	script_on(s, &(struct ims_ev){.kind = IMS_EV_START});
}

static inline void script_stop(struct script *s)
{
	script_on(s, &(struct ims_ev){.kind = IMS_EV_STOP});
}

/* Lets time pass, tick by tick, until then or until something was said. */
static inline void script_wait(struct script *s, uint64_t ms)
{
	uint64_t end = s->now + ms;

	s->n_sent = s->n_told = 0;
	s->sims = s->adds = s->dels = 0;
	for (int i = 0; i < 1000 && ims_ue_due(s->ue) <= end; i++) {
		if (ims_ue_due(s->ue) > s->now)
			s->now = ims_ue_due(s->ue);
		script_feed(s, &(struct ims_ev){.kind = IMS_EV_TICK});
		if (s->n_told)
			return;
	}
	s->now = end;
}

static inline struct ims_sip_msg script_parse(const struct sent *t)
{
	struct ims_sip_msg m;
	struct ims_sip_flaw flaw;

	if (ims_sip_msg_parse(ims_str_n(t->text, t->n), &m, &flaw))
		fail_msg("%s: %s", flaw.flaw.text, t->text);
	return m;
}

static inline struct ims_str script_header(const struct sent *t,
					   enum ims_sip_hdr_id id)
{
	static struct ims_sip_msg m;

	m = script_parse(t);
	return ims_sip_get(&m, id);
}

/* Where what answers a request (or a request of the network over UDP) comes
 * from and to: the mirror of what the UE sends on.
 */
static inline struct ims_flow script_back(struct script *s,
					  const struct ims_flow *f)
{
	const struct ue_set *set = ims_ue_find_set(s->ue, f->set);
	struct ims_flow b = *f;

	if (f->transport == IMS_TCP) {
		b.conn = 5;
	} else if (set) {
		b.local.port = set->me.port_s;
		b.remote.port = set->pcscf.port_c;
	}
	return b;
}

static inline void script_message(struct script *s, const struct ims_flow *flow,
				  struct ims_str bytes)
{
	script_on(s, &(struct ims_ev){.kind = IMS_EV_MSG,
				      .flow = *flow,
				      .bytes = bytes});
}

/* Answers a request of the UE on a flow of the test's choice; `more` are
 * whole header lines.
 */
static inline void script_reply_on(struct script *s, const struct sent *req,
				   const struct ims_flow *flow, unsigned status,
				   const char *more)
{
	struct ims_sip_msg m = script_parse(req);
	char mem[8192];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_sip_put_response(&b, &m, status, IMS_S("peer"), req->flow.local,
			     false);
	ims_buf_puts(&b, more);
	ims_sip_put_body(&b, IMS_S(""), IMS_S(""));
	assert_false(b.over);
	script_message(s, flow, ims_buf_str(&b));
}

static inline void script_reply(struct script *s, unsigned status,
				const char *more)
{
	struct sent req = s->last;
	struct ims_flow flow = script_back(s, &req.flow);

	script_reply_on(s, &req, &flow, status, more);
}

/* A challenge as good as the card takes it: SQN rises. */
static inline void script_nonce(struct script *s, uint64_t sqn,
				char out[static 64])
{
	static const uint8_t rnd[16] = {1, 2, 3}, amf[2] = {0x80, 0};
	struct ims_aka_vector v;
	struct ims_buf b;

	assert_int_equal(ims_aka_vector(&s->card.key, rnd, sqn, amf, &v), 0);
	ims_buf_init(&b, out, 64);
	ims_digest_nonce_put(&b, v.rand, v.autn);
	ims_buf_cstr(&b);
}

static inline void script_challenge(struct script *s, const char *nonce,
				    const char *server)
{
	char more[2048];

	snprintf(more, sizeof more,
		 "WWW-Authenticate: Digest realm=\"" SEED_REALM
		 "\", nonce=\"%s\", qop=\"auth\",opaque=\"4669\", "
		 "algorithm=AKAv1-MD5\r\n%s%s%s",
		 nonce, server ? "Security-Server: " : "", server ? server : "",
		 server ? "\r\n" : "");
	script_reply(s, 401, more);
}

#define OK_CONTACT                                                           \
	"Contact: <sip:001010123456789@[2001::1:d1ae:bb37:d9c9:81d0]:39003>" \
	";expires=%u\r\n"

static inline void script_ok(struct script *s, unsigned expires,
			     const char *more)
{
	char text[2048];

	snprintf(text, sizeof text, OK_CONTACT "%s", expires, more);
	script_reply(s, 200, text);
}

static inline bool script_heard(const struct script *s, enum ims_tell tell,
				int err, const char *part)
{
	for (size_t i = 0; i < s->n_told; i++)
		if (s->told[i].tell == tell && s->told[i].err == err &&
		    strstr(s->told[i].text, part))
			return true;
	for (size_t i = 0; i < s->n_told; i++)
		print_message("told %d %d: %s\n", s->told[i].tell,
			      s->told[i].err, s->told[i].text);
	return false;
}

static inline void script_state(const struct script *s, const char *want)
{
	assert_string_equal(ims_ue_state(s->ue), want);
}

/* A NOTIFY of the present subscription. */
static inline void script_notify_full(struct script *s, unsigned cseq,
				      const char *state, const char *type,
				      const char *body, uint32_t set)
{
	const struct ue_set *u = ims_ue_find_set(s->ue, set);
	struct ims_flow flow = u ? u->udp : s->last.flow;
	char text[8192];

	flow = script_back(s, &flow);
	snprintf(text, sizeof text,
		 "NOTIFY sip:001010123456789@[2001::1:d1ae:bb37:d9c9:81d0]:"
		 "39003 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP [2001:0:0:1::2]:50718;"
		 "branch=z9hG4bKn%u%llu\r\n"
		 "Max-Forwards: 70\r\nCall-ID: %s\r\nCSeq: %u NOTIFY\r\n"
		 "To: <%s>;tag=%s\r\nFrom: <%s>;tag=peer\r\n"
		 "Contact: <sip:[2001:0:0:1::2]:50718;transport=udp>\r\n"
		 "Record-Route: <sip:[2001:0:0:1::2]:50718;lr>\r\n"
		 "Event: reg\r\nSubscription-State: %s\r\n%s"
		 "Content-Length: %zu\r\n\r\n%s",
		 cseq, (unsigned long long)s->now, s->ue->sub_call_id, cseq,
		 s->conf.impu, s->ue->sub_tag, s->conf.impu, state, type,
		 strlen(body), body);
	script_message(s, &flow, ims_str(text));
}

static inline void script_notify(struct script *s, unsigned cseq,
				 const char *state, const char *body)
{
	script_notify_full(s, cseq, state,
			   body[0] ? "Content-Type: application/reginfo+xml\r\n"
				   : "",
			   body, s->ue->now.id);
}

#define REGINFO(version, full, contact)                                        \
	"<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"" version \
	"\" state=\"" full                                                     \
	"\"><registration aor=\"sip:001010123456789@" SEED_REALM               \
	"\" id=\"1\" state=\"active\">" contact "</registration></reginfo>"
#define MY_CONTACT(state, event, more)                                   \
	"<contact id=\"9\" state=\"" state "\" event=\"" event "\"" more \
	"><uri>sip:001010123456789@[2001::1:d1ae:bb37:d9c9:81d0]:39003"  \
	"</uri></contact>"

/* The seed's eight steps. */
static inline void script_register(struct script *s, unsigned expires)
{
	script_start(s);
	script_challenge(s, SEED_NONCE, SEED_SERVER);
	script_state(s, "proving");
	script_ok(s, expires, "");
	script_state(s, "registered");
}

static inline void script_subscribe(struct script *s)
{
	script_reply(s, 200,
		     "Expires: 600000\r\n"
		     "Contact: <sip:[2001:0:0:1::2]:50718;transport=udp>\r\n"
		     "Record-Route: <sip:[2001:0:0:1::2]:50718;lr>\r\n");
	script_notify(s, 1, "active;expires=600000",
		      REGINFO("0", "full",
			      MY_CONTACT("active", "registered", "")));
	assert_int_equal(s->ue->sub, UE_SUB_ACTIVE);
}

#endif
