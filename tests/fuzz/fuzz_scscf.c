/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_scscf.c - any messages to an S-CSCF, at any stage of a user.
 *
 * The first byte: how far the user has come (bits 0-1), how it is configured
 * (bit 2: allow_clear, bit 3: challenge_refresh,
 * bit 5: gruu and outbound), what the HSS says (bit 4: an
 * error).  The rest are messages with a byte 01 between them, in which %n is
 * the nonce of the last 401, %r the right response to it, %t the tag and %b
 * the branch of our last NOTIFY.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scscf_priv.h"

#define IMPI "a@x"
#define IMPU "sip:a@x"
#define MESSAGE_MAX 16384

struct fuzz {
	struct ims_scscf *s;
	uint64_t now, seed;
	bool hss_fails;
	struct ims_cx_req cx;
	bool asked;
	char nonce[128], response[IMS_DIGEST_HEX], tag[64], branch[64];
	unsigned cseq;
};

static const uint8_t xres[8] = "12345678";

static void copy_after(struct ims_str in, const char *mark, char *out,
		       size_t cap)
{
	const char *p = memmem(in.p, in.n, mark, strlen(mark));
	size_t n = 0;

	if (!p)
		return;
	p += strlen(mark);
	while (p + n < in.p + in.n && n + 1 < cap && !strchr("\";\r\n>", p[n]))
		n++;
	memcpy(out, p, n);
	out[n] = 0;
}

static void see(struct fuzz *f, struct ims_str sent)
{
	struct ims_digest_in in = {.algo = {1, IMS_MD5},
				   .username = IMS_S(IMPI),
				   .realm = IMS_S("x"),
				   .method = IMS_S("REGISTER"),
				   .uri = IMS_S("sip:x")};

	if (ims_str_starts(sent, IMS_S("NOTIFY "))) {
		copy_after(sent, ";branch=", f->branch, sizeof f->branch);
		copy_after(sent, ">;tag=", f->tag, sizeof f->tag);
	}
	if (!ims_str_starts(sent, IMS_S("SIP/2.0 401")))
		return;
	copy_after(sent, "nonce=\"", f->nonce, sizeof f->nonce);
	in.nonce = ims_str(f->nonce);
	if (ims_digest_response(&in, xres, sizeof xres, f->response))
		abort();
}

static void answer(struct fuzz *f)
{
	struct ims_rand r = ims_rand_seeded(&f->seed);
	struct ims_cx_ans ans = {.ref = f->cx.ref, .n_impus = 2};

	f->asked = false;
	ans.err = f->hss_fails ? -IMS_E_STORE : 0;
	strcpy(ans.impu[0].uri, IMPU);
	strcpy(ans.impu[1].uri, "tel:+1");
	ims_rand_fill(&r, ans.vector.rand, 32); /* and AUTN after it */
	memcpy(ans.vector.xres, xres, sizeof xres);
	ans.vector.xres_len = sizeof xres;
	ims_scscf_event(f->s, &(struct ims_ev){.kind = IMS_EV_CX, .cx = &ans},
			f->now);
}

static size_t length(const struct ims_list *list)
{
	size_t n = 0;

	ims_list_each (pos, list)
		n++;
	return n;
}

/* The counts must agree with what is there. */
static void check(const struct ims_scscf *s)
{
	struct ims_map_node *node = NULL;
	size_t registered = 0, attempts = 0, watchers = 0, ending = 0;

	while ((node = ims_map_each(&s->users, node))) {
		const struct ims_scscf_user *u =
			ims_container(node, const struct ims_scscf_user, node);

		registered += u->binds.n > 0;
		attempts += length(&u->attempts);
		watchers += length(&u->watchers);
		ending += length(&u->ending);
		if (u->n_attempts != length(&u->attempts) ||
		    u->n_watchers != length(&u->watchers) ||
		    u->n_attempts > IMS_SCSCF_ATTEMPTS)
			abort();
	}
	if (registered != ims_scscf_registered(s) || attempts != s->cx.n ||
	    watchers + ending != s->watches.n || watchers != s->dialogs.n ||
	    length(&s->idle) + registered != s->users.n)
		abort();
}

/* What we write we can read, whatever the messages were. */
static void keep(const struct fuzz *f, struct ims_str record)
{
	uint64_t seed = 1;
	struct ims_rand rnd = ims_rand_seeded(&seed);
	struct ims_scscf *s;
	struct ims_flaw why;

	if (record.n == 0)
		return;
	s = ims_scscf_new(&f->s->conf, &rnd, NULL);
	if (!s)
		return;
	if (ims_scscf_restore(s, record, f->now, &why)) {
		fprintf(stderr, "%s\n", why.text);
		abort();
	}
	check(s);
	ims_scscf_free(s);
}

static void feed(struct fuzz *f, const struct ims_ev *ev)
{
	struct ims_act a;

	ims_scscf_event(f->s, ev, f->now);
	do {
		while (ims_scscf_next(f->s, &a)) {
			if (a.kind == IMS_ACT_SEND)
				see(f, a.bytes);
			if (a.kind == IMS_ACT_KEEP)
				keep(f, a.bytes);
			if (a.kind != IMS_ACT_CX)
				continue;
			f->cx = *a.cx;
			f->asked = true;
			break;
		}
		if (f->asked)
			answer(f);
	} while (a.kind == IMS_ACT_CX);
	check(f->s);
}

/* What %c stands for; NULL: for itself. */
static const char *meaning(const struct fuzz *f, char c)
{
	switch (c) {
	case 'n':
		return f->nonce;
	case 'r':
		return f->response;
	case 't':
		return f->tag;
	case 'b':
		return f->branch;
	default:
		return NULL;
	}
}

static void expand(const struct fuzz *f, struct ims_str in, struct ims_buf *b)
{
	for (size_t i = 0; i < in.n; i++) {
		const char *text = NULL;

		if (in.p[i] == '%' && i + 1 < in.n)
			text = meaning(f, in.p[i + 1]);
		if (text) {
			ims_buf_puts(b, text);
			i++;
		} else {
			ims_buf_putc(b, in.p[i]);
		}
	}
}

static void message(struct fuzz *f, struct ims_str text)
{
	static char mem[2 * MESSAGE_MAX];
	struct ims_ev ev = {.kind = IMS_EV_MSG, .flow.side = IMS_MW};
	struct ims_buf b;
	char *exact;

	ims_addr_parse(IMS_S("192.0.2.5:5070"), 0, &ev.flow.remote);
	ims_addr_parse(IMS_S("192.0.2.9:5080"), 0, &ev.flow.local);
	ims_buf_init(&b, mem, sizeof mem);
	expand(f, text, &b);
	exact = malloc(b.n + 1); /* so that a byte too far is seen */
	if (!exact)
		abort();
	memcpy(exact, mem, b.n);
	ev.bytes = ims_str_n(exact, b.n);
	feed(f, &ev);
	free(exact);
}

static void request(struct fuzz *f, const char *method, const char *lines)
{
	char text[2048];
	int n = snprintf(text, sizeof text,
			 "%s %s SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 192.0.2.5:5070;branch=z9hG4bK%u\r\n"
			 "From: <" IMPU ">;tag=f\r\nTo: <" IMPU ">\r\n"
			 "Call-ID: c\r\nCSeq: %u %s\r\n"
			 "Contact: <sip:a@192.0.2.7:5060>;video\r\n%s"
			 "Content-Length: 0\r\n\r\n",
			 method, method[0] == 'R' ? "sip:x" : IMPU, f->cseq,
			 f->cseq, method, lines);

	f->cseq++;
	message(f, ims_str_n(text, (size_t)n));
}

static void come_so_far(struct fuzz *f, unsigned stage)
{
	if (stage >= 1)
		request(f, "REGISTER",
			"Authorization: Digest username=\"" IMPI
			"\", realm=\"x\", nonce=\"\", response=\"\"\r\n");
	if (stage >= 2)
		request(f, "REGISTER",
			"Authorization: Digest username=\"" IMPI
			"\", realm=\"x\", nonce=\"%n\", uri=\"sip:x\", "
			"response=\"%r\", algorithm=AKAv1-MD5, "
			"integrity-protected=\"yes\"\r\n");
	if (stage >= 3)
		request(f, "SUBSCRIBE",
			"Event: reg\r\nP-Asserted-Identity: <" IMPU ">\r\n"
			"Record-Route: <sip:t@192.0.2.5:5070;lr>\r\n");
	if (stage >= 2 && ims_scscf_registered(f->s) != 1)
		abort();
}

static void wait(struct fuzz *f, uint64_t ms)
{
	f->now += ms;
	feed(f, &(struct ims_ev){.kind = IMS_EV_TICK});
}

static struct ims_scscf *scscf(struct fuzz *f, uint8_t how)
{
	struct ims_rand rnd = ims_rand_seeded(&f->seed);
	struct ims_scscf_conf conf;

	ims_scscf_conf_default(&conf);
	ims_addr_parse(IMS_S("192.0.2.9:5080"), 0, &conf.local);
	conf.qop = false;
	conf.max_users = 3;
	conf.allow_clear = how & 4;
	conf.challenge_refresh = how & 8;
	conf.gruu = conf.outbound = how & 32;
	return ims_scscf_new(&conf, &rnd, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz f = {.seed = 1, .now = 1000, .cseq = 1};
	struct ims_str rest;

	if (n < 1 || n > MESSAGE_MAX)
		return 0;
	f.s = scscf(&f, data[0]);
	if (!f.s)
		return 0;
	come_so_far(&f, data[0] & 3);
	f.hss_fails = data[0] & 16;
	rest = ims_str_n(data + 1, n - 1);
	while (rest.n) {
		struct ims_str one = rest;

		one.n = ims_str_find(rest, 1);
		message(&f, one);
		rest = ims_str_from(rest, one.n + 1);
	}
	wait(&f, 300000);
	feed(&f, &(struct ims_ev){.kind = IMS_EV_STOP});
	wait(&f, 900000);
	if (f.s->users.n || f.s->cx.n || f.s->watches.n || f.s->impus.n)
		abort();
	ims_scscf_free(f.s);
	return 0;
}
