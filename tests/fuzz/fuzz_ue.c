/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_ue.c - any message to a UE, at any stage of its life.
 *
 * The first byte says how far the UE has come and on which flow the message
 * comes; the rest is the message, in which %b, %c, %t stand for branch,
 * Call-ID and tag of the UE's last request, %C and %T for those of its
 * subscription.
 */
#include "ue_priv.h"

#include <stdlib.h>
#include <string.h>

#define NONCE "26ohPzgYyy3VFVa4VnXhKgx8Ta1aXYAA27sDDHxNLVo="
#define MESSAGE_MAX 16384

struct fuzz {
	struct ims_ue *ue;
	uint64_t now;
	bool sim, add;
	uint32_t set;
	int sets; /* added and not yet taken down */
	char request[MESSAGE_MAX];
	size_t n;
	struct ims_flow flow;
};

static void take(struct fuzz *f)
{
	struct ims_act a;

	while (ims_ue_next(f->ue, &a)) {
		if (a.kind == IMS_ACT_SEND && a.bytes.n < sizeof f->request &&
		    !ims_str_starts(a.bytes, IMS_S("SIP/2.0"))) {
			memcpy(f->request, a.bytes.p, a.bytes.n);
			f->n = a.bytes.n;
			f->flow = a.flow;
		}
		f->sim |= a.kind == IMS_ACT_SIM;
		if (a.kind == IMS_ACT_SA_ADD) {
			f->add = true;
			f->set = a.add->id;
			f->sets++;
		}
		f->sets -= a.kind == IMS_ACT_SA_DEL;
	}
}

static void feed(struct fuzz *f, const struct ims_ev *ev)
{
	ims_ue_event(f->ue, ev, f->now);
	take(f);
	if (f->sets < 0 || f->sets > 3)
		abort();
}

/* SIM and SAs always answer, and well. */
static void serve(struct fuzz *f)
{
	struct ims_card_answer ok = {.verdict = IMS_CARD_OK, .res_len = 8};

	if (f->sim) {
		f->sim = false;
		feed(f, &(struct ims_ev){.kind = IMS_EV_SIM, .answer = &ok});
	}
	if (f->add) {
		f->add = false;
		feed(f, &(struct ims_ev){.kind = IMS_EV_SA, .set = f->set});
	}
}

static struct ims_str after(const struct fuzz *f, const char *mark)
{
	const char *p = memmem(f->request, f->n, mark, strlen(mark));
	struct ims_str s = {0};

	if (!p)
		return IMS_S("");
	p += strlen(mark);
	s.p = p;
	while (p < f->request + f->n && *p != ';' && *p != '\r' && *p != '>')
		p++;
	s.n = (size_t)(p - s.p);
	return s;
}

static void expand(const struct fuzz *f, struct ims_str in, struct ims_buf *b)
{
	for (size_t i = 0; i < in.n; i++) {
		char c = 0;

		if (in.p[i] == '%' && i + 1 < in.n)
			c = in.p[i + 1];
		i += c && strchr("bctCT", c);
		if (c == 'b')
			ims_buf_put(b, after(f, ";branch="));
		else if (c == 'c')
			ims_buf_put(b, after(f, "Call-ID: "));
		else if (c == 't')
			ims_buf_put(b, after(f, ";tag="));
		else if (c == 'C')
			ims_buf_puts(b, f->ue->sub_call_id);
		else if (c == 'T')
			ims_buf_puts(b, f->ue->sub_tag);
		else
			ims_buf_putc(b, in.p[i]);
	}
}

static void message(struct fuzz *f, struct ims_str text, bool clear)
{
	const struct ue_set *set = ims_ue_find_set(f->ue, f->flow.set);
	static char mem[2 * MESSAGE_MAX];
	struct ims_flow flow = f->flow;
	struct ims_buf b;
	char *exact;

	if (set && flow.transport == IMS_UDP) {
		flow.local.port = set->me.port_s;
		flow.remote.port = set->pcscf.port_c;
	}
	if (clear)
		flow.set = 0;
	ims_buf_init(&b, mem, sizeof mem);
	expand(f, text, &b);
	/* Of its own size, so that one byte too far is seen. */
	exact = malloc(b.n ? b.n : 1);
	if (!exact)
		abort();
	memcpy(exact, mem, b.n);
	feed(f, &(struct ims_ev){.kind = IMS_EV_MSG,
				 .flow = flow,
				 .bytes = ims_str_n(exact, b.n)});
	free(exact);
	serve(f);
}

#define ANSWER(status, cseq)                                               \
	"SIP/2.0 " status " X\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=%b\r\n" \
	"From: <sip:a@b>;tag=%t\r\nTo: <sip:a@b>;tag=p\r\nCall-ID: %c\r\n" \
	"CSeq: " cseq "\r\n"

static void come_to(struct fuzz *f, unsigned stage)
{
	/* clang-format off */
	static const char *const way[] = {
		ANSWER("401", "1 REGISTER") "WWW-Authenticate: Digest realm=\"r\","
		"nonce=\"" NONCE "\",algorithm=AKAv1-MD5,qop=\"auth\"\r\n"
		"Security-Server: ipsec-3gpp;alg=hmac-sha-1-96;spi-c=5000;"
		"spi-s=5001;port-c=6000;port-s=6001\r\n\r\n",
		ANSWER("200", "2 REGISTER") "Expires: 3600\r\n\r\n",
		ANSWER("200", "1 SUBSCRIBE") "Expires: 3600\r\n"
		"Contact: <sip:x@192.0.2.2>\r\n\r\n",
	};
	/* clang-format on */
	feed(f, &(struct ims_ev){.kind = IMS_EV_START});
	for (unsigned i = 0; i < stage && i < 3; i++)
		message(f, ims_str(way[i]), false);
	if (stage == 4)
		feed(f, &(struct ims_ev){.kind = IMS_EV_START});
	if (stage == 5)
		feed(f, &(struct ims_ev){.kind = IMS_EV_STOP});
}

static struct ims_ue_conf conf(unsigned how)
{
	struct ims_ue_conf c = {0};

	ims_ue_conf_default(&c);
	ims_ue_conf_imsi(&c, IMS_S("001010123456789"), 2);
	ims_addr_parse(IMS_S("192.0.2.1"), 5060, &c.local);
	ims_addr_parse(IMS_S("192.0.2.2"), 5060, &c.pcscf[0]);
	ims_addr_parse(IMS_S("192.0.2.3"), 5060, &c.pcscf[1]);
	c.n_pcscf = how & 4 ? 2 : 1;
	c.retry = how & 2;
	c.transport_register = how & 1 ? IMS_UE_TCP : IMS_UE_UDP;
	c.transport_other = c.transport_register;
	return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct fuzz f;
	uint64_t random = 7;
	struct ims_rand rnd = ims_rand_seeded(&random);
	struct ims_ue_conf c;

	if (n == 0 || n > MESSAGE_MAX)
		return 0;
	c = conf(data[0] >> 4);
	f = (struct fuzz){.now = 1000, .ue = ims_ue_new(&c, &rnd, NULL)};
	if (!f.ue)
		return 0;
	come_to(&f, data[0] % 6);
	message(&f, ims_str_n(data + 1, n - 1), data[0] & 8);
	message(&f, ims_str_n(data + 1, n - 1), false);
	for (int i = 0; i < 4; i++) {
		f.now = ims_ue_due(f.ue) == IMS_NEVER ? f.now
						      : ims_ue_due(f.ue);
		feed(&f, &(struct ims_ev){.kind = IMS_EV_TICK});
	}
	for (int i = 0; i < 3; i++)
		feed(&f, &(struct ims_ev){.kind = IMS_EV_STOP});
	if (f.sets != 0 || strcmp(ims_ue_state(f.ue), "idle") != 0)
		abort();
	ims_ue_free(f.ue);
	return 0;
}
