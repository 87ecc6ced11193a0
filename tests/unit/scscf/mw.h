/* SPDX-License-Identifier: BSD-2-Clause */
/* mw.h - an S-CSCF between a scripted P-CSCF with a UE behind it, and a
 * scripted HSS.  Time stands still unless a test moves it.
 */
#ifndef IMS_TEST_MW_H
#define IMS_TEST_MW_H

#include "test.h"

#include "aka_card.h"
#include "aka_digest.h"
#include "base_hex.h"
#include "scscf_priv.h"
#include "sip_addr.h"

#define DOMAIN "ims.example.org"
#define ALICE "sip:001010123456789@" DOMAIN
#define ALICE_IMPI "001010123456789@" DOMAIN
#define PHONE "<sip:001010123456789@[2001::1]:39003>"
#define FEATURES                                                       \
	";+g.3gpp.smsip;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp\";video" \
	";+sip.instance=\"<urn:gsma:imei:35910506-000422-0>\";reg-id=1"
#define PATH "<sip:tok@192.0.2.5:5070;lr>"

#define WORLD_SENT 40
#define WORLD_KEPT 8
struct kept {
	char key[IMS_ID_MAX];
	char bytes[65536];
	size_t n; /* 0: free */
};
struct world {
	struct ims_scscf *s;
	uint64_t now, seed;
	/* what it did, oldest first */
	char sent[WORLD_SENT][8192];
	struct ims_flow flow[WORLD_SENT];
	size_t n_sent;
	size_t n_keeps;     /* since the last event */
	size_t kept_before; /* of these, how many before the first SEND */
	struct kept kept[WORLD_KEPT]; /* what the store has */
	char told[4096];
	int told_err; /* of the last TELL that has one */
	/* the HSS */
	struct ims_aka_key key;
	uint64_t sqn;
	int hss_err;
	bool hss_silent;
	struct ims_cx_req cx; /* the last one */
	size_t n_mar, n_sar;
	struct ims_cx_impu impu[IMS_IMPU_MAX];
	size_t n_impus;
	/* the UE; impi NULL: ALICE_IMPI */
	const char *impi;
	struct ims_card card;
	char nonce[128], response[40], auts[32];
	struct ims_sip_msg m; /* the last one that was looked at */
};

/* A REGISTER as it comes on Mw; NULL members have these defaults. */
struct reg {
	unsigned cseq;
	const char *call_id;          /* "call-1" */
	const char *impi;             /* ALICE_IMPI */
	const char *to, *from;        /* ALICE */
	const char *contact;          /* PHONE FEATURES; "" none */
	const char *secured;          /* "no"; "" leaves it out */
	const char *nonce, *response; /* "" */
	const char *lines;            /* more of them, with CRLF */
	const char *uri;              /* sip:DOMAIN */
	const char *path;             /* PATH */
	bool auts;                    /* what the card said */
	bool no_auth;
};

static inline const char * or (const char *s, const char *otherwise)
{
	return s ? s : otherwise;
}

static inline struct ims_flow mw_flow(void)
{
	struct ims_flow f = {.side = IMS_MW, .transport = IMS_UDP};

	ims_addr_parse(IMS_S("192.0.2.9:5080"), 0, &f.local);
	ims_addr_parse(IMS_S("192.0.2.5:5070"), 0, &f.remote);
	return f;
}

static inline void hss_answer(struct world *w, const struct ims_cx_req *req,
			      struct ims_cx_ans *ans)
{
	const uint8_t amf[2] = {0x80, 0x00};
	uint8_t rnd[16];
	struct ims_rand r = ims_rand_seeded(&w->seed);

	*ans = (struct ims_cx_ans){.ref = req->ref, .err = w->hss_err};
	if (ans->err == 0 && strcmp(req->impi, ALICE_IMPI) != 0 &&
	    !(w->impi && strcmp(req->impi, w->impi) == 0))
		ans->err = -IMS_E_UNKNOWN_USER;
	if (ans->err == 0 && req->resync)
		ans->err = ims_aka_auts_open(&w->key, req->rand, req->auts,
					     &w->sqn);
	if (ans->err)
		return;
	memcpy(ans->impu, w->impu, sizeof(ans->impu));
	ans->n_impus = w->n_impus;
	if (req->kind != IMS_CX_MAR)
		return;
	w->sqn += 32;
	ims_rand_fill(&r, rnd, sizeof(rnd));
	ims_aka_vector(&w->key, rnd, w->sqn, amf, &ans->vector);
}

static inline void on_cx(struct world *w, const struct ims_cx_req *req)
{
	struct ims_cx_ans ans;
	struct ims_ev ev = {.kind = IMS_EV_CX, .cx = &ans};

	w->cx = *req;
	w->n_mar += req->kind == IMS_CX_MAR;
	w->n_sar += req->kind == IMS_CX_SAR;
	if (w->hss_silent)
		return;
	hss_answer(w, &w->cx, &ans);
	ims_scscf_event(w->s, &ev, w->now);
}

static inline struct kept *kept(struct world *w, const char *key)
{
	for (size_t i = 0; i < WORLD_KEPT; i++) {
		if (w->kept[i].n && strcmp(w->kept[i].key, key) == 0)
			return &w->kept[i];
	}
	return NULL;
}

static inline void on_keep(struct world *w, const struct ims_act *a)
{
	char key[IMS_ID_MAX];
	struct kept *k;

	assert_int_equal(a->keep, IMS_KEEP_SCSCF);
	assert_true(ims_str_copy(key, sizeof(key), a->key));
	k = kept(w, key);
	for (size_t i = 0; i < WORLD_KEPT && !k; i++) {
		if (w->kept[i].n == 0)
			k = &w->kept[i];
	}
	assert_non_null(k);
	assert_true(a->bytes.n <= sizeof(k->bytes));
	strcpy(k->key, key);
	if (a->bytes.n)
		memcpy(k->bytes, a->bytes.p, a->bytes.n);
	k->n = a->bytes.n;
	w->n_keeps++;
	w->kept_before += w->n_sent == 0;
}

/* Performs all that it asks for. */
static inline void run(struct world *w)
{
	struct ims_act a;

	while (ims_scscf_next(w->s, &a)) {
		if (a.kind == IMS_ACT_CX) {
			on_cx(w, a.cx);
		} else if (a.kind == IMS_ACT_TELL) {
			size_t n = strlen(w->told);

			snprintf(w->told + n, sizeof(w->told) - n, "%.*s\n",
				 IMS_STR_ARG(a.text));
			if (a.err)
				w->told_err = a.err;
		} else if (a.kind == IMS_ACT_KEEP) {
			on_keep(w, &a);
		} else {
			assert_int_equal(a.kind, IMS_ACT_SEND);
			assert_true(w->n_sent < WORLD_SENT);
			w->flow[w->n_sent] = a.flow;
			snprintf(w->sent[w->n_sent++], 8192, "%.*s",
				 IMS_STR_ARG(a.bytes));
		}
	}
}

static inline void come(struct world *w, const char *text)
{
	struct ims_ev ev = {.kind = IMS_EV_MSG,
			    .flow = mw_flow(),
			    .bytes = ims_str(text)};

	w->n_sent = w->n_keeps = w->kept_before = 0;
	w->told[0] = 0;
	w->told_err = 0;
	ims_scscf_event(w->s, &ev, w->now);
	run(w);
}

static inline void tick(struct world *w, uint64_t now)
{
	struct ims_ev ev = {.kind = IMS_EV_TICK};

	w->now = now;
	w->n_sent = w->n_keeps = w->kept_before = 0;
	w->told[0] = 0;
	ims_scscf_event(w->s, &ev, w->now);
	run(w);
}

/* The i-th message that it sent, parsed. */
static inline const struct ims_sip_msg *sent(struct world *w, size_t i)
{
	struct ims_sip_flaw why = {0};

	if (i >= w->n_sent)
		fail_msg("only %zu messages were sent", w->n_sent);
	if (ims_sip_msg_parse(ims_str(w->sent[i]), &w->m, &why))
		fail_msg("%s in\n%s", why.flaw.text, w->sent[i]);
	return &w->m;
}

static inline void check_status(struct world *w, unsigned want,
				const char *file, int line)
{
	if (sent(w, 0)->status == want)
		return;
	print_error("%u instead of %u:\n%s%s", w->m.status, want, w->sent[0],
		    w->told);
	_fail(file, line);
}
#define assert_status(w, want) check_status((w), (want), __FILE__, __LINE__)

static inline void put_auth(struct world *w, const struct reg *r,
			    struct ims_buf *b)
{
	if (r->no_auth)
		return;
	ims_buf_printf(b,
		       "Authorization: Digest username=\"%s\", realm=\"" DOMAIN
		       "\", nonce=\"%s\", uri=\"sip:" DOMAIN
		       "\", response=\"%s\", algorithm=AKAv1-MD5",
		       or (r->impi, or (w->impi, ALICE_IMPI)),
		       or (r->nonce, ""), or (r->response, ""));
	if (r->response && r->response[0])
		ims_buf_puts(b, ", cnonce=\"c\", qop=auth, nc=00000001");
	if (r->auts)
		ims_buf_printf(b, ", auts=\"%s\"", w->auts);
	if (or (r->secured, "no")[0])
		ims_buf_printf(b, ", integrity-protected=\"%s\"",
			       or (r->secured, "no"));
	ims_buf_puts(b, "\r\n");
}

static inline void do_register(struct world *w, struct reg r)
{
	static char text[16384];
	static unsigned branch;
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof(text));
	ims_buf_printf(&b,
		       "REGISTER %s SIP/2.0\r\n"
		       "Via: SIP/2.0/UDP 192.0.2.5:5070;branch=z9hG4bKm%u\r\n"
		       "Via: SIP/2.0/TCP [2001::1]:39003;branch=z9hG4bKu\r\n"
		       "Max-Forwards: 69\r\nFrom: <%s>;tag=ft\r\nTo: <%s>\r\n"
		       "Call-ID: %s\r\nCSeq: %u REGISTER\r\n",
		       or (r.uri, "sip:" DOMAIN), ++branch, or (r.from, ALICE),
		       or (r.to, ALICE), or (r.call_id, "call-1"), r.cseq);
	ims_buf_printf(&b,
		       "Path: %s\r\nRequire: path\r\n"
		       "P-Visited-Network-ID: \"" DOMAIN "\"\r\n"
		       "P-Charging-Vector: icid-value=i1;orig-ioi=v\r\n",
		       or (r.path, PATH));
	if (or (r.contact, PHONE FEATURES)[0])
		ims_buf_printf(&b, "Contact: %s\r\n",
			       or (r.contact, PHONE FEATURES));
	put_auth(w, &r, &b);
	ims_buf_printf(&b, "%sContent-Length: 0\r\n\r\n", or (r.lines, ""));
	come(w, ims_buf_cstr(&b));
}

/* The UE takes the 401 that was sent first, and works out its response. */
static inline enum ims_card_verdict take_401(struct world *w)
{
	const struct ims_digest_algo algo = {1, IMS_MD5};
	struct ims_card_answer answer;
	struct ims_sip_auth auth;
	uint8_t rnd[16], autn[16], password[IMS_DIGEST_PASSWORD_MAX];
	struct ims_digest_in in = {.algo = algo,
				   .method = IMS_S("REGISTER"),
				   .uri = IMS_S("sip:" DOMAIN),
				   .username =
					   ims_str(or (w->impi, ALICE_IMPI)),
				   .realm = IMS_S(DOMAIN),
				   .qop = IMS_S("auth"),
				   .nc = IMS_S("00000001"),
				   .cnonce = IMS_S("c")};
	char hex[IMS_DIGEST_HEX];
	struct ims_buf b;
	size_t n;

	assert_status(w, 401);
	assert_int_equal(ims_sip_auth_get(&w->m, IMS_SIP_WWW_AUTHENTICATE,
					  &auth),
			 0);
	ims_str_copy(w->nonce, sizeof(w->nonce), auth.nonce);
	assert_int_equal(ims_digest_nonce_open(auth.nonce, rnd, autn), 0);
	ims_card_challenge(&w->card, rnd, autn, &answer);
	if (answer.verdict == IMS_CARD_RESYNC) {
		ims_buf_init(&b, w->auts, sizeof(w->auts));
		ims_b64_put(&b, answer.auts, sizeof(answer.auts));
		ims_buf_cstr(&b);
	}
	if (answer.verdict != IMS_CARD_OK)
		return answer.verdict;
	in.nonce = auth.nonce;
	assert_int_equal(ims_digest_password(algo, &answer, password, &n), 0);
	assert_int_equal(ims_digest_response(&in, password, n, hex), 0);
	strcpy(w->response, hex);
	return IMS_CARD_OK;
}

/* REGISTER, 401, REGISTER inside SAs, 200. */
static inline void register_alice(struct world *w)
{
	do_register(w, (struct reg){.cseq = 1});
	assert_int_equal(take_401(w), IMS_CARD_OK);
	do_register(w, (struct reg){.cseq = 2,
				    .secured = "yes",
				    .nonce = w->nonce,
				    .response = w->response});
	assert_status(w, 200);
}

/* A REGISTER inside the SAs of a user who is registered. */
static inline struct reg inside(struct world *w, unsigned cseq)
{
	return (struct reg){.cseq = cseq,
			    .secured = "yes",
			    .nonce = w->nonce,
			    .response = w->response};
}

static struct world world;

static inline void world_init(struct world *w,
			      const struct ims_scscf_conf *conf)
{
	static const uint8_t k[16] = "0123456789abcdef";
	static const uint8_t opc[16] = "fedcba9876543210";
	struct ims_rand r;

	memset(w, 0, sizeof(*w));
	w->seed = 1;
	w->now = 1000000;
	r = ims_rand_seeded(&w->seed);
	w->s = ims_scscf_new(conf, &r, NULL);
	assert_non_null(w->s);
	assert_int_equal(ims_aka_key_init(&w->key, IMS_AKA_MILENAGE, k, 16), 0);
	assert_int_equal(ims_aka_key_opc(&w->key, opc, 16), 0);
	ims_card_init(&w->card, &w->key);
	strcpy(w->impu[0].uri, ALICE);
	strcpy(w->impu[1].uri, "tel:+15550100");
	w->n_impus = 2;
}

static inline struct ims_scscf_conf mw_conf(void)
{
	struct ims_scscf_conf conf;

	ims_scscf_conf_default(&conf);
	conf.local = mw_flow().local;
	strcpy(conf.domain, DOMAIN);
	/* what most tests do not want to wait for */
	conf.notify_ms = 0;
	conf.partial = false;
	return conf;
}

static inline int setup(void **state)
{
	struct ims_scscf_conf conf = mw_conf();

	world_init(&world, &conf);
	return 0;
}

static inline int teardown(void **state)
{
	ims_scscf_free(world.s);
	return 0;
}

/* Another process, at that time of day: the clock begins anew, and all that it
 * knows is what was kept.  kept_err: of the records, the first that was not 0.
 */
static inline int restart_kept(struct world *w,
			       const struct ims_scscf_conf *conf,
			       uint64_t wall_ms)
{
	struct ims_scscf_conf c = *conf;
	struct ims_rand r = ims_rand_seeded(&w->seed);
	struct ims_flaw why;
	int err = 0;

	ims_scscf_free(w->s);
	w->now = 5000;
	c.wall_ms = wall_ms - w->now;
	w->s = ims_scscf_new(&c, &r, NULL);
	assert_non_null(w->s);
	for (size_t i = 0; i < WORLD_KEPT && err == 0; i++) {
		struct kept *k = &w->kept[i];

		if (k->n)
			err = ims_scscf_restore(w->s, ims_str_n(k->bytes, k->n),
						w->now, &why);
	}
	return err;
}

/* For a test that wants other settings. */
static inline void restart_with(const struct ims_scscf_conf *conf)
{
	ims_scscf_free(world.s);
	world_init(&world, conf);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

#endif
