/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_pcscf.c - any messages to a P-CSCF, from both sides, at any stage of a UE.
 *
 * The first byte: how far the UE has come (bits 0-2), whether REGISTER without
 * SAs is allowed (bit 3), whether we subscribe to reg (bit 4), whether it is a
 * third port_pc that there is (bit 5).  The rest are steps with a byte 01
 * between them.  The first byte of each says what it is:
 *
 *	C T	a message in the clear, by UDP, TCP
 *	0-9 a-j	the same inside the set that was asked for last but that many
 *	M	a message of the core
 *	R Q	the core, the UE answers what was last brought to it: the
 *		status, and lines of headers
 *	K	the core challenges, with keys; and such lines
 *	X	sending failed last, of what was sent last
 *	F	no set can be installed from here on; or yes again
 *	G	the back-end has lost the set that was asked for last
 *	W	so many seconds pass
 *
 * In messages %s is the last Security-Server, %t the UE's name on Mw, %i a
 * number that is never the same, %n the SPIs and ports of a new offer; %b the
 * branch of what last came to the core, %k and %g Call-ID and tag of our own
 * SUBSCRIBE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcscf_priv.h"

#define IMPI "a@x"
#define UE "192.0.2.7"
#define MESSAGE_MAX 16384
#define SETS 10

struct sent {
	struct ims_flow flow;
	uint32_t ref;
	size_t n;
	char bytes[IMS_PCSCF_OUT];
};

struct fuzz {
	struct ims_pcscf *p;
	uint64_t now, seed;
	struct sent up, down; /* the last requests to the core, to the UE */
	struct ims_ipsec_set set[SETS];
	size_t n_sets; /* asked for */
	uint32_t ref;
	bool refuses;
	unsigned count;
	char server[512], token[IMS_PCSCF_TOKEN + 1], branch[64];
	char call_id[64], tag[64]; /* of our subscription to reg */
	char ck[33], ik[33];
};

static void copy_after(struct ims_str in, const char *mark, const char *end,
		       char *out, size_t cap)
{
	const char *p = memmem(in.p, in.n, mark, strlen(mark));
	size_t n = 0;

	if (!p)
		return;
	p += strlen(mark);
	while (p + n < in.p + in.n && n + 1 < cap && p[n] && !strchr(end, p[n]))
		n++;
	memcpy(out, p, n);
	out[n] = 0;
}

/* --- what must hold --- */

static void check_send(const struct fuzz *f, const struct ims_act *a)
{
	const struct ims_flow *w = &a->flow;

	if (memmem(a->bytes.p, a->bytes.n, f->ck, 32) ||
	    memmem(a->bytes.p, a->bytes.n, f->ik, 32))
		abort(); /* a key leaves */
	if (w->side == IMS_MW)
		return;
	if (w->set == 0 && w->local.port && w->local.port != f->p->conf.gm.port)
		abort(); /* beside the SAs */
	for (size_t i = 0; i < SETS && i < f->n_sets; i++)
		if (f->set[i].id == w->set && !w->conn &&
		    ims_ipsec_arrow(&f->set[i], w, true) < 0)
			abort(); /* from or to another port */
}

static void check_ue(const struct ims_pcscf_ue *ue, size_t *installed,
		     size_t *pending)
{
	size_t n[IMS_SET_GONE] = {0}, count = 0;

	for (const struct ims_pcscf_set *s = ue->sets; s; s = s->next) {
		if (s->ue != ue || s->life >= IMS_SET_GONE ||
		    s->installed == (s->life == IMS_SET_MAKING))
			abort();
		n[s->life]++;
		count++;
		*installed += s->installed;
	}
	*pending += n[IMS_SET_MAKING] + n[IMS_SET_PENDING];
	if (n[IMS_SET_MAKING] + n[IMS_SET_PENDING] > 1 || n[IMS_SET_NEW] > 1 ||
	    n[IMS_SET_IN_USE] > 1 || count > IMS_PCSCF_SETS)
		abort();
}

/* The counts agree with what is there. */
static void check(const struct ims_pcscf *p)
{
	struct ims_map_node *node = NULL;
	size_t installed = 0, pending = 0;

	while ((node = ims_map_each(&p->ue_id, node)))
		check_ue(ims_container(node, const struct ims_pcscf_ue,
				       id_node),
			 &installed, &pending);
	if (installed != p->n_installed || pending != p->n_pending ||
	    p->set_uc.n != p->set_id.n || p->set_us.n != p->set_id.n ||
	    p->ue_key.n != p->ue_id.n || p->ue_token.n != p->ue_id.n ||
	    !ims_list_empty(&p->unsaved))
		abort();
}

static struct ims_pcscf *pcscf(uint64_t *seed, uint8_t how)
{
	struct ims_rand rnd = ims_rand_seeded(seed);
	struct ims_pcscf_conf conf;

	ims_pcscf_conf_default(&conf);
	ims_addr_parse(IMS_S("192.0.2.1:5060"), 0, &conf.gm);
	ims_addr_parse(IMS_S("192.0.2.5:4060"), 0, &conf.mw);
	ims_addr_parse(IMS_S("192.0.2.5:6060"), 0, &conf.scscf);
	conf.max_users = 3;
	conf.policy.allow_deprecated = true;
	conf.security = how & 8 ? IMS_PCSCF_ALLOWED : IMS_PCSCF_REQUIRED;
	conf.subscribe_reg = how & 16;
	conf.n_port_pc = how & 32 ? 3 : 2;
	return ims_pcscf_new(&conf, &rnd, NULL);
}

/* What we write we can read, whatever the messages were. */
static void keep(const struct fuzz *f, struct ims_str record)
{
	uint64_t seed = 1;
	struct ims_pcscf *p;
	struct ims_flaw why;

	if (record.n == 0)
		return;
	p = pcscf(&seed, 0);
	if (!p)
		return;
	p->conf.n_port_pc = 3;
	if (ims_pcscf_restore(p, record, f->now, &why)) {
		fprintf(stderr, "%s\n", why.text);
		abort();
	}
	check(p);
	ims_pcscf_free(p);
}

/* --- the host --- */

static void note(struct sent *s, const struct ims_act *a)
{
	s->flow = a->flow;
	s->ref = a->ref;
	s->n = a->bytes.n;
	memcpy(s->bytes, a->bytes.p, s->n);
}

static void see(struct fuzz *f, const struct ims_act *a)
{
	check_send(f, a);
	f->ref = a->ref;
	copy_after(a->bytes, "Security-Server: ", "\r\n", f->server,
		   sizeof f->server);
	if (ims_str_starts(a->bytes, IMS_S("SIP/2.0 ")))
		return;
	if (a->flow.side == IMS_GM) {
		note(&f->down, a);
		return;
	}
	note(&f->up, a);
	copy_after(a->bytes, "Path: <sip:", "@", f->token, sizeof f->token);
	copy_after(a->bytes, ";branch=", ";,\r\n", f->branch, sizeof f->branch);
}

static void feed(struct fuzz *f, const struct ims_ev *ev)
{
	struct ims_act a;
	uint32_t set = 0;

	ims_pcscf_event(f->p, ev, f->now);
	while (ims_pcscf_next(f->p, &a)) {
		if (a.kind == IMS_ACT_SEND)
			see(f, &a);
		else if (a.kind == IMS_ACT_KEEP)
			keep(f, a.bytes);
		if (a.kind != IMS_ACT_SA_ADD)
			continue;
		memmove(f->set + 1, f->set, sizeof f->set - sizeof *f->set);
		f->set[0] = *a.add;
		f->n_sets++;
		set = a.add->id;
	}
	check(f->p);
	if (set)
		feed(f, &(struct ims_ev){.kind = IMS_EV_SA,
					 .set = set,
					 .err = f->refuses ? -IMS_E_SPI_TAKEN
							   : 0});
}

static void wait(struct fuzz *f, uint64_t ms)
{
	uint64_t end = f->now + ms;
	struct ims_ev tick = {.kind = IMS_EV_TICK};

	for (int i = 0; i < 500 && ims_pcscf_due(f->p) <= end; i++) {
		if (ims_pcscf_due(f->p) > f->now)
			f->now = ims_pcscf_due(f->p);
		feed(f, &tick);
	}
	f->now = end;
	feed(f, &tick);
}

/* --- messages --- */

/* What %c stands for; NULL: itself, or a number. */
static const char *meaning(const struct fuzz *f, char c)
{
	switch (c) {
	case 's':
		return f->server;
	case 't':
		return f->token;
	case 'b':
		return f->branch;
	case 'k':
		return f->call_id;
	case 'g':
		return f->tag;
	default:
		return NULL;
	}
}

static bool expand_one(struct fuzz *f, char c, struct ims_buf *b)
{
	const char *text = meaning(f, c);
	unsigned i = f->count;

	if (text)
		ims_buf_puts(b, text);
	else if (c == 'i')
		ims_buf_printf(b, "%u", f->count++);
	else if (c == 'n')
		ims_buf_printf(b, "spi-c=%u;spi-s=%u;port-c=%u;port-s=6000",
			       1000 + 2 * i, 1001 + 2 * i, 7000 + i % 1000);
	else
		return false;
	return true;
}

static void deliver(struct fuzz *f, const struct ims_flow *flow,
		    struct ims_str text)
{
	static char mem[2 * MESSAGE_MAX];
	struct ims_ev ev = {.kind = IMS_EV_MSG, .flow = *flow};
	struct ims_buf b;
	char *exact;

	ims_buf_init(&b, mem, sizeof mem);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '%' && i + 1 < text.n &&
		    expand_one(f, text.p[i + 1], &b))
			i++;
		else
			ims_buf_putc(&b, text.p[i]);
	}
	exact = malloc(b.n + 1); /* so that a byte too far is seen */
	if (!exact)
		abort();
	memcpy(exact, mem, b.n);
	ev.bytes = ims_str_n(exact, b.n);
	feed(f, &ev);
	free(exact);
}

static struct ims_flow clear(const struct fuzz *f, enum ims_transport t)
{
	struct ims_flow w = {.local = f->p->conf.gm,
			     .transport = t,
			     .conn = t == IMS_TCP ? 1 : 0};

	ims_addr_parse(IMS_S(UE ":6000"), 0, &w.remote);
	return w;
}

static struct ims_flow core(const struct fuzz *f)
{
	return (struct ims_flow){.local = f->p->conf.mw,
				 .remote = f->p->conf.scscf,
				 .side = IMS_MW};
}

/* uc -> ps of a set that need not be there any more. */
static struct ims_flow inside(const struct fuzz *f, unsigned k,
			      enum ims_transport t)
{
	const struct ims_ipsec_set *s = &f->set[k % SETS];

	return (struct ims_flow){.local = s->sa[IMS_UC_TO_PS].dst,
				 .remote = s->sa[IMS_UC_TO_PS].src,
				 .transport = t,
				 .conn = t == IMS_TCP ? 2 : 0,
				 .set = s->id};
}

static struct ims_str take_status(struct ims_str text, uint32_t *out)
{
	if (text.n < 3 || ims_str_u32(ims_str_n(text.p, 3), 699, out))
		return text;
	return ims_str_from(text, 3);
}

static void reply(struct fuzz *f, const struct sent *to, uint32_t status,
		  const char *first, struct ims_str rest)
{
	static char mem[2 * IMS_PCSCF_OUT];
	struct ims_flow back = to->flow;
	struct ims_sip_msg m;
	struct ims_buf b;

	if (!to->n || ims_sip_msg_parse(ims_str_n(to->bytes, to->n), &m, NULL))
		return;
	if (back.side == IMS_GM && back.set)
		for (unsigned i = 0; i < SETS; i++)
			if (f->set[i].id == back.set)
				back = inside(f, i, IMS_UDP);
	ims_buf_init(&b, mem, sizeof mem);
	ims_sip_put_response(&b, &m, status, IMS_S("peer"),
			     (struct ims_addr){0}, false);
	ims_buf_puts(&b, first);
	ims_buf_put(&b, rest);
	if (!b.over && b.n < MESSAGE_MAX)
		deliver(f, &back, ims_buf_str(&b));
}

static void challenges(struct fuzz *f, struct ims_str rest)
{
	char line[256];

	snprintf(line, sizeof line,
		 "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", "
		 "algorithm=AKAv1-MD5, ik=\"%s\", ck=\"%s\"\r\n",
		 f->ik, f->ck);
	reply(f, &f->up, 401, line, rest);
}

static void lose(struct fuzz *f)
{
	feed(f, &(struct ims_ev){.kind = IMS_EV_SA_GONE, .set = f->set[0].id});
}

static void step(struct fuzz *f, struct ims_str text)
{
	int kind = text.n ? text.p[0] : 0;
	struct ims_flow w = core(f);
	uint32_t status = 200, s = 1;

	text = ims_str_from(text, 1);
	if (kind == 'R' || kind == 'Q') {
		text = take_status(text, &status);
		reply(f, kind == 'R' ? &f->up : &f->down, status, "", text);
	} else if (kind == 'K') {
		challenges(f, text);
	} else if (kind == 'X') {
		feed(f, &(struct ims_ev){.kind = IMS_EV_UNSENT,
					 .ref = f->ref,
					 .err = -IMS_E_SYS});
	} else if (kind == 'F') {
		f->refuses = !f->refuses;
	} else if (kind == 'G') {
		lose(f);
	} else if (kind == 'W') {
		(void)ims_str_u32(text, 10000, &s);
		wait(f, s * UINT64_C(1000));
	} else {
		if (kind == 'C' || kind == 'T')
			w = clear(f, kind == 'T' ? IMS_TCP : IMS_UDP);
		else if (kind >= '0' && kind < '0' + (int)f->n_sets)
			w = inside(f, (unsigned)(kind - '0'), IMS_UDP);
		else if (kind >= 'a' && kind < 'a' + (int)f->n_sets)
			w = inside(f, (unsigned)(kind - 'a'), IMS_TCP);
		deliver(f, &w, text);
	}
}

/* --- how far the UE has come --- */

static void do_register(struct fuzz *f, char over, const char *lines)
{
	char text[2048];

	snprintf(text, sizeof text,
		 "%cREGISTER sip:x SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP " UE ":6000;branch=z9hG4bK%%i\r\n"
		 "From: <sip:a@x>;tag=f\r\nTo: <sip:a@x>\r\n"
		 "Call-ID: c\r\nCSeq: %%i REGISTER\r\n"
		 "Contact: <sip:a@" UE ":6000>;expires=600\r\n"
		 "Authorization: Digest username=\"" IMPI "\", realm=\"x\", "
		 "nonce=\"\", response=\"\"\r\n"
		 "Require: sec-agree\r\nProxy-Require: sec-agree\r\n%s"
		 "Content-Length: 0\r\n\r\n",
		 over, lines);
	step(f, ims_str(text));
}

#define OFFER "ipsec-3gpp;alg=hmac-sha-1-96;ealg=null;"
#define GRANTED                                        \
	"R200P-Associated-URI: <sip:a@x>\r\n"          \
	"Service-Route: <sip:o@192.0.2.5:6060;lr>\r\n" \
	"Contact: <sip:a@" UE ":6000>;expires=600\r\nExpires: 600\r\n\r\n"

static void challenge(struct fuzz *f, char over, char offer[static 200])
{
	char line[300];

	snprintf(offer, 200, OFFER "spi-c=%u;spi-s=%u;port-c=%u;port-s=6000",
		 1000 + 2 * f->count, 1001 + 2 * f->count, 7000 + f->count);
	f->count++;
	snprintf(line, sizeof line, "Security-Client: %s\r\n", offer);
	do_register(f, over, line);
	step(f, IMS_S("K\r\n"));
}

static void prove(struct fuzz *f, const char *offer)
{
	char lines[1024];

	snprintf(lines, sizeof lines,
		 "Security-Client: %s\r\nSecurity-Verify: %s\r\n", offer,
		 f->server);
	do_register(f, '0', lines);
	step(f, IMS_S(GRANTED));
}

static void speak(struct fuzz *f)
{
	step(f, IMS_S("0SUBSCRIBE sip:a@x SIP/2.0\r\n"
		      "Via: SIP/2.0/UDP " UE ":6000;branch=z9hG4bK%i\r\n"
		      "From: <sip:a@x>;tag=f\r\nTo: <sip:a@x>\r\n"
		      "Call-ID: s\r\nCSeq: %i SUBSCRIBE\r\nEvent: reg\r\n"
		      "Contact: <sip:a@" UE ":6000>\r\nMax-Forwards: 70\r\n"
		      "Content-Length: 0\r\n\r\n"));
}

/* 1: challenged, 2: registered, 3: challenged inside, 4: the newer set is not
 * yet in use, 5: it is, 6: and a third is being offered, 7: left.
 */
static void come_so_far(struct fuzz *f, unsigned stage)
{
	char offer[200];

	if (stage >= 1)
		challenge(f, 'C', offer);
	if (stage >= 2)
		prove(f, offer);
	if (stage >= 2 && ims_pcscf_sets(f->p) != 1)
		abort();
	if (stage >= 3)
		challenge(f, '0', offer);
	if (stage >= 4)
		prove(f, offer);
	if (stage >= 5)
		speak(f);
	if (stage >= 4 && ims_pcscf_sets(f->p) != 2)
		abort();
	if (stage == 6)
		challenge(f, '0', offer);
	if (stage == 7) {
		do_register(f, '0', "Expires: 0\r\n");
		step(f, IMS_S("R200\r\n"));
	}
}

/* Nothing is left in the end. */
static void end(struct fuzz *f)
{
	struct ims_pcscf *p = f->p;

	wait(f, 300000);
	feed(f, &(struct ims_ev){.kind = IMS_EV_STOP});
	wait(f, 900000);
	if (p->ue_id.n || p->set_id.n || p->relays.n || p->spis.map.n ||
	    p->ue_clear.n || p->txns.by_id.n)
		abort();
}

/* Of this input: so they stand in none, and none can leave by another way. */
static void make_keys(struct fuzz *f, const uint8_t *data, size_t n)
{
	uint64_t seed = 14695981039346656037u;
	struct ims_rand rnd = ims_rand_seeded(&seed);

	for (size_t i = 0; i < n; i++)
		seed = (seed ^ data[i]) * 1099511628211u;
	for (int i = 0; i < 4; i++) {
		uint64_t v = 0;

		ims_rand_fill(&rnd, &v, sizeof v);
		snprintf((i & 1 ? f->ck : f->ik) + (i & 2) * 8, 17, "%016llx",
			 (unsigned long long)v);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz *f = calloc(1, sizeof *f);
	struct ims_str rest;

	if (!f || n < 1 || n > MESSAGE_MAX) {
		free(f);
		return 0;
	}
	f->seed = f->now = 1000;
	f->p = pcscf(&f->seed, data[0]);
	if (!f->p)
		abort();
	make_keys(f, data, n);
	come_so_far(f, data[0] & 7);
	rest = ims_str_n(data + 1, n - 1);
	while (rest.n) {
		struct ims_str one = rest;

		one.n = ims_str_find(rest, 1);
		step(f, one);
		rest = ims_str_from(rest, one.n + 1);
	}
	end(f);
	ims_pcscf_free(f->p);
	free(f);
	return 0;
}
