/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_test.h - a P-CSCF in memory between a scripted UE and a scripted core.
 *
 * The UE's bytes are those of the seed where they fit; what came of a call
 * stands in gm[], mw[], added[], deleted[] and told[].
 */
#ifndef IMS_PCSCF_TEST_H
#define IMS_PCSCF_TEST_H

#include "pcscf.h"
#include "sip_addr.h"
#include "sip_auth.h"
#include "sip_build.h"

#include "test.h"

#define CK "bb030c7c4dad5a5d8cfc039aa80fd5db"
#define IK "030c7c4dad5a5d8cfc039aa80fd5dbbb"
#define UE_IP "2001::1:d1ae:bb37:d9c9:81d0"
#define IMPU "sip:001010123456789@ims.mnc01.mcc001.3gppnetwork.org"
#define SEC_LINE                                                            \
	"ipsec-3gpp;alg=hmac-md5-96;prot=esp;mod=trans;ealg=null;spi-c=%u;" \
	"spi-s=%u;port-c=%u;port-s=%u"

struct seen {
	struct ims_flow flow;
	uint32_t ref;
	size_t n;
	char bytes[12000];
	struct ims_sip_msg m;
};
struct heard {
	enum ims_tell tell;
	int err;
	char text[400];
};

struct kept {
	char key[40];
	size_t n;
	char bytes[12000];
	size_t n_gm; /* what had left on Gm before */
};

#define MANY 150
static struct kept kept[MANY];
static size_t n_kept;
static struct seen gm[MANY], mw[MANY];
static struct ims_ipsec_set added[MANY];
static uint32_t deleted[MANY], refused[MANY];
static struct heard told[MANY];
static size_t n_gm, n_mw, n_added, n_deleted, n_refused, n_told;

/* The last SA_LIFE. */
static uint32_t life_of, life_s;

static struct ims_pcscf_conf conf;
static struct ims_pcscf *p;
static uint64_t now, rand_state;
static int sa_err;       /* what installing gives */
static bool sa_silent;   /* EV_SA is left to the test */
static unsigned counter; /* of branches */

static inline struct ims_addr at(const char *text)
{
	struct ims_addr a = {0};

	assert_int_equal(ims_addr_parse(ims_str(text), 0, &a), 0);
	return a;
}

static inline void start(void)
{
	struct ims_rand rnd = ims_rand_seeded(&rand_state);

	rand_state = 4711;
	now = 1000;
	sa_err = 0;
	sa_silent = false;
	counter = 0;
	life_of = life_s = 0;
	n_gm = n_mw = n_added = n_deleted = n_refused = n_told = n_kept = 0;
	p = ims_pcscf_new(&conf, &rnd, NULL);
	assert_non_null(p);
}

static inline int setup(void **state)
{
	ims_pcscf_conf_default(&conf);
	conf.gm = at("[2001:0:0:1::2]:5060");
	conf.port_ps = 50718;
	conf.port_pc[0] = 50717;
	conf.port_pc[1] = 50719;
	conf.n_port_pc = 2;
	conf.port_ps2 = 50720;
	conf.subscribe_reg = false;
	conf.mw = at("127.0.0.1:4060");
	conf.scscf = at("127.0.0.1:6060");
	strcpy(conf.network, "visited.example");
	conf.policy.allow_deprecated = true;
	start();
	return 0;
}

/* Starts again with another configuration. */
static inline void restart(void)
{
	ims_pcscf_free(p);
	start();
}

static inline int teardown(void **state)
{
	ims_pcscf_free(p);
	p = NULL;
	return 0;
}

static inline void note(struct seen *s, const struct ims_act *a)
{
	s->flow = a->flow;
	s->ref = a->ref;
	s->n = a->bytes.n;
	assert_true(s->n < sizeof s->bytes);
	memcpy(s->bytes, a->bytes.p, s->n);
	s->bytes[s->n] = 0;
	/* a refusal repeats what it could not read */
	if (ims_sip_msg_parse(ims_str_n(s->bytes, s->n), &s->m, NULL) &&
	    strncmp(s->bytes, "SIP/2.0 400 ", 12) != 0 &&
	    strncmp(s->bytes, "SIP/2.0 50", 10) != 0)
		fail_msg("we sent what nobody can read:\n%s", s->bytes);
	/* T27: no octet of the keys leaves us, on either side */
	assert_null(strcasestr(s->bytes, CK));
	assert_null(strcasestr(s->bytes, IK));
}

static inline void note_kept(const struct ims_act *a)
{
	struct kept *k = &kept[n_kept++];

	assert_true(n_kept < MANY);
	assert_int_equal(a->keep, IMS_KEEP_PCSCF);
	assert_true(ims_str_copy(k->key, sizeof k->key, a->key));
	k->n = a->bytes.n;
	assert_true(k->n < sizeof k->bytes);
	if (k->n)
		memcpy(k->bytes, a->bytes.p, k->n);
	k->n_gm = n_gm;
}

/* The record as it now stands; n 0: none. */
static inline const struct kept *record(void)
{
	assert_true(n_kept > 0);
	return &kept[n_kept - 1];
}

static inline void sa_result(uint32_t set, int err)
{
	struct ims_flaw why = {.err = err, .text = "no ESP here"};
	struct ims_ev ev = {.kind = IMS_EV_SA,
			    .set = set,
			    .err = err,
			    .why = &why};

	if (err && n_refused < MANY)
		refused[n_refused++] = set;
	ims_pcscf_event(p, &ev, now);
}

/* Performs all that is queued. */
static inline void perform(void)
{
	struct ims_act a;
	uint32_t answer;

	do {
		answer = 0;
		while (!answer && ims_pcscf_next(p, &a)) {
			assert_true(n_gm < MANY && n_mw < MANY &&
				    n_told < MANY && n_added < MANY &&
				    n_deleted < MANY);
			if (a.kind == IMS_ACT_SEND) {
				note(a.flow.side == IMS_MW ? &mw[n_mw++]
							   : &gm[n_gm++],
				     &a);
			} else if (a.kind == IMS_ACT_SA_ADD) {
				added[n_added++] = *a.add;
				answer = sa_silent ? 0 : a.add->id;
			} else if (a.kind == IMS_ACT_SA_DEL) {
				deleted[n_deleted++] = a.set;
			} else if (a.kind == IMS_ACT_SA_LIFE) {
				life_of = a.set;
				life_s = a.life_s;
			} else if (a.kind == IMS_ACT_KEEP) {
				note_kept(&a);
			} else if (a.kind == IMS_ACT_TELL) {
				struct heard *h = &told[n_told++];

				h->tell = a.tell;
				h->err = a.err;
				snprintf(h->text, sizeof h->text, "%.*s",
					 IMS_STR_ARG(a.text));
				assert_null(strcasestr(h->text, CK));
				assert_null(strcasestr(h->text, IK));
			}
		}
		if (answer)
			sa_result(answer, sa_err);
	} while (answer);
}

static inline void feed(const struct ims_flow *f, const char *bytes)
{
	struct ims_ev ev = {.kind = IMS_EV_MSG,
			    .flow = *f,
			    .bytes = ims_str(bytes)};

	ims_pcscf_event(p, &ev, now);
	perform();
}

/* Lets time pass up to now + ms. */
static inline void pass(uint64_t ms)
{
	uint64_t end = now + ms;

	while (ims_pcscf_due(p) <= end) {
		struct ims_ev ev = {.kind = IMS_EV_TICK};

		if (ims_pcscf_due(p) > now)
			now = ims_pcscf_due(p);
		ims_pcscf_event(p, &ev, now);
		perform();
	}
	now = end;
}

static inline struct seen *last_gm(void)
{
	assert_true(n_gm > 0);
	return &gm[n_gm - 1];
}

static inline struct seen *last_mw(void)
{
	assert_true(n_mw > 0);
	return &mw[n_mw - 1];
}

static inline struct ims_ipsec_set *last_added(void)
{
	assert_true(n_added > 0);
	return &added[n_added - 1];
}

static inline void assert_told(int err)
{
	for (size_t i = 0; i < n_told; i++)
		if (told[i].err == err)
			return;
	fail_msg("nothing with error %d was told", err);
}

static inline void assert_has(const struct seen *s, const char *text)
{
	if (!strstr(s->bytes, text))
		fail_msg("no \"%s\" in\n%s", text, s->bytes);
}

static inline void assert_has_not(const struct seen *s, const char *text)
{
	if (strcasestr(s->bytes, text))
		fail_msg("\"%s\" in\n%s", text, s->bytes);
}

/* --- messages --- */

/* Puts, replaces or (value NULL) removes the lines of that header. */
static inline void set_line(char *msg, const char *name, const char *value)
{
	char find[100], out[12000];
	char *at_line;

	snprintf(find, sizeof find, "\r\n%s:", name);
	while ((at_line = strstr(msg, find))) {
		char *end = strstr(at_line + 2, "\r\n");

		memmove(at_line, end, strlen(end) + 1);
	}
	if (!value)
		return;
	at_line = strstr(msg, "\r\n");
	snprintf(out, sizeof out, "%.*s\r\n%s: %s%s", (int)(at_line - msg), msg,
		 name, value, at_line);
	strcpy(msg, out);
}

static inline void swap(char *msg, const char *from, const char *to)
{
	char out[12000];
	char *a;

	for (a = strstr(msg, from); a; a = strstr(a + strlen(to), from)) {
		size_t off = (size_t)(a - msg);

		snprintf(out, sizeof out, "%.*s%s%s", (int)off, msg, to,
			 a + strlen(from));
		strcpy(msg, out);
		a = msg + off;
	}
}

/* A seed message, with a branch of its own. */
static inline void seed(char *msg, const char *file, const char *old_branch)
{
	char name[100], branch[40];
	size_t n = 0;
	char *text;

	snprintf(name, sizeof name, "seed/%s.sip", file);
	text = test_read("IMS_TEST_DATA", name, &n);
	assert_non_null(text);
	strcpy(msg, text);
	free(text);
	snprintf(branch, sizeof branch, "z9hG4bKue%u", ++counter);
	swap(msg, old_branch, branch);
}

static inline void register1(char *msg)
{
	seed(msg, "1-register", "z9hG4bK370690ecb-643c9869");
}

/* The value of Security-Server as it last came to the UE. */
static inline const char *server_text(void)
{
	static char text[500];

	for (size_t i = n_gm; i-- > 0;) {
		struct ims_str s =
			ims_sip_get(&gm[i].m, IMS_SIP_SECURITY_SERVER);

		if (!gm[i].m.request && s.n) {
			snprintf(text, sizeof text, "%.*s", IMS_STR_ARG(s));
			return text;
		}
	}
	return "";
}

static inline void register2(char *msg)
{
	seed(msg, "3-register-protected", "z9hG4bK370723a88-32d70d67");
	set_line(msg, "Security-Verify", server_text());
}

static inline void subscribe(char *msg)
{
	seed(msg, "5-subscribe", "z9hG4bK3707d1f14-46487f22");
	set_line(msg, "Security-Verify", server_text());
}

/* A re-REGISTER inside the SAs, with a new offer. */
static inline void reregister(char *msg, unsigned n)
{
	char offer[400];

	register2(msg);
	snprintf(offer, sizeof offer, SEC_LINE, 1000 + n * 2, 1001 + n * 2,
		 38003 + n, 39003);
	set_line(msg, "Security-Client", offer);
	set_line(msg, "CSeq", "3 REGISTER");
}

/* --- flows --- */

static inline struct ims_flow clear_flow(enum ims_transport t)
{
	return (struct ims_flow){.local = conf.gm,
				 .remote = at("[" UE_IP "]:42368"),
				 .transport = t,
				 .conn = t == IMS_TCP ? 1 : 0};
}

/* From the UE over that set: uc->ps. */
static inline struct ims_flow inside(const struct ims_ipsec_set *s,
				     enum ims_transport t)
{
	return (struct ims_flow){.local = s->sa[IMS_UC_TO_PS].dst,
				 .remote = s->sa[IMS_UC_TO_PS].src,
				 .transport = t,
				 .conn = t == IMS_TCP ? 2 : 0,
				 .set = s->id};
}

static inline struct ims_flow from_core(void)
{
	return (struct ims_flow){.local = conf.mw,
				 .remote = conf.scscf,
				 .side = IMS_MW};
}

/* The core answers that request. */
static inline void core_answers(const struct seen *req, unsigned status,
				const char *headers)
{
	struct ims_flow f = from_core();
	char mem[8000];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_sip_put_response(&b, &req->m, status, IMS_S("core"),
			     (struct ims_addr){0}, false);
	ims_buf_puts(&b, headers);
	ims_buf_puts(&b, "Content-Length: 0\r\n\r\n");
	feed(&f, ims_buf_cstr(&b));
}

#define CHALLENGE                                                     \
	"WWW-Authenticate: Digest "                                   \
	"realm=\"ims.mnc01.mcc001.3gppnetwork.org\", "                \
	"nonce=\"26ohPzgYyy3VFVa4VnXhKgx8Ta1aXYAA27sDDHxNLVo=\", "    \
	"qop=\"auth\", opaque=\"4669e9192b2042d499606fe3e0fa839a\", " \
	"algorithm=AKAv1-MD5, ik=\"" IK "\", ck=\"" CK "\"\r\n"

#define GRANTED                                           \
	"P-Associated-URI: <" IMPU ">, <tel:+491234>\r\n" \
	"Contact: <sip:001010123456789@[" UE_IP "]:39003>;expires=600\r\n"

/* Steps 1 and 2. */
static inline void go_challenged(enum ims_transport t)
{
	struct ims_flow f = clear_flow(t);
	char msg[12000];

	register1(msg);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
}

/* Steps 1 to 4; returns the set in use. */
static inline struct ims_ipsec_set *go_registered(enum ims_transport t)
{
	struct ims_flow f;
	char msg[12000];

	go_challenged(t);
	f = inside(last_added(), t);
	register2(msg);
	feed(&f, msg);
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(last_gm()->m.status, 200);
	return last_added();
}

/* The Path that the core was given, without brackets and without `ob`. */
static inline const char *path_uri(void)
{
	static char uri[200];

	for (size_t i = n_mw; i-- > 0;) {
		struct ims_str s = ims_sip_get(&mw[i].m, IMS_SIP_PATH);

		if (mw[i].m.request && s.n) {
			snprintf(uri, sizeof uri, "%.*s", (int)s.n - 2,
				 s.p + 1);
			swap(uri, ";ob", "");
			return uri;
		}
	}
	return "";
}

/* Step 7 as the core sends it. */
static inline void notify(char *msg, const char *uri_params)
{
	char head[2000];

	snprintf(head, sizeof head,
		 "NOTIFY sip:001010123456789@[" UE_IP "]:39003%s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 127.0.0.1:6060;branch=z9hG4bKcore%u\r\n"
		 "Max-Forwards: 70\r\nRoute: <%s>\r\n"
		 "From: <" IMPU ">;tag=s\r\nTo: <" IMPU ">;tag=u\r\n"
		 "Call-ID: n@core\r\nCSeq: 1 NOTIFY\r\nEvent: reg\r\n"
		 "P-Charging-Vector: icid-value=x\r\n"
		 "Subscription-State: active;expires=600\r\n"
		 "Content-Length: 0\r\n\r\n",
		 uri_params, ++counter, path_uri());
	strcpy(msg, head);
}

/* The UE answers what last came to it. */
static inline void ue_answers(const struct ims_flow *f, const struct seen *req,
			      unsigned status, const char *headers)
{
	char mem[8000];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_sip_put_response(&b, &req->m, status, IMS_S("ue"),
			     (struct ims_addr){0}, false);
	ims_buf_puts(&b, headers);
	ims_buf_puts(&b, "Content-Length: 0\r\n\r\n");
	feed(f, ims_buf_cstr(&b));
}

/* Re-authentication over that set: a new temporary set, proven. */
static inline struct ims_ipsec_set *reauth(const struct ims_ipsec_set *over,
					   unsigned n, bool finish)
{
	struct ims_flow f = inside(over, IMS_UDP);
	char msg[12000], client[400], server[600];

	reregister(msg, n);
	/* what goes over a set mirrors what that set was agreed with */
	set_line(msg, "Security-Verify", NULL);
	snprintf(client, sizeof client, SEC_LINE, 1000 + n * 2, 1001 + n * 2,
		 38003 + n, 39003);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_int_equal(last_gm()->flow.set, over->id);
	strcpy(server, server_text());
	if (!finish)
		return last_added();
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	set_line(msg, "CSeq", "4 REGISTER");
	set_line(msg, "Security-Client", client);
	set_line(msg, "Security-Verify", server);
	feed(&f, msg);
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(last_gm()->flow.set, last_added()->id);
	return last_added();
}

static inline uint32_t notified_on(void)
{
	struct ims_flow core = from_core();
	char msg[12000];

	notify(msg, "");
	feed(&core, msg);
	assert_int_equal(last_gm()->m.method, IMS_SIP_NOTIFY);
	return last_gm()->flow.set;
}

static inline void speak_on(const struct ims_ipsec_set *s)
{
	struct ims_flow f = inside(s, IMS_UDP);
	size_t before = n_mw;
	char msg[12000];

	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	assert_int_equal(n_mw, before + 1);
	core_answers(last_mw(), 200, "");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
