/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_answer.c - answers: 401, 200, and what is refused. */
#include <stdio.h>
#include <string.h>

#include "base_hex.h"
#include "base_mem.h"
#include "scscf_priv.h"

static void begin(struct ims_scscf *s, struct ims_buf *b,
		  const struct ims_scscf_in *in, unsigned status)
{
	char tag[IMS_SCSCF_TAG + 1];

	ims_role_token(&s->rnd, tag, IMS_SCSCF_TAG);
	ims_buf_init(b, s->msg, sizeof(s->msg));
	ims_sip_put_response(b, in->m, status, ims_str(tag), in->source, true);
}

/* What does not fit, or would have opened a header line, becomes a 500. */
static void finish(struct ims_scscf *s, struct ims_buf *b,
		   const struct ims_scscf_in *in, unsigned status)
{
	ims_sip_put_body(b, ims_str(NULL), ims_str(NULL));
	if (b->over) {
		ims_trace(s->trace, IMS_WARN, "scscf_answer",
			  "the %u could not be written", status);
		status = 500;
		begin(s, b, in, status);
		ims_sip_put_body(b, ims_str(NULL), ims_str(NULL));
	}
	if (!b->over)
		ims_txns_respond(&s->txns, in->txn, ims_buf_str(b), status,
				 s->now_ms);
}

void ims_scscf_reply(struct ims_scscf *s, const struct ims_scscf_in *in,
		     unsigned status, const char *extra)
{
	struct ims_buf b;

	begin(s, &b, in, status);
	if (extra)
		ims_buf_puts(&b, extra);
	finish(s, &b, in, status);
}

void ims_scscf_reply_bare(struct ims_scscf *s, const struct ims_flow *flow,
			  const struct ims_sip_msg *m, unsigned status)
{
	struct ims_flow back = ims_txn_reply_flow(flow, m);
	char tag[IMS_SCSCF_TAG + 1];
	struct ims_buf b;

	ims_role_token(&s->rnd, tag, IMS_SCSCF_TAG);
	ims_buf_init(&b, s->msg, sizeof(s->msg));
	ims_sip_put_response(&b, m, status, ims_str(tag), flow->remote, true);
	if (status == 503)
		ims_sip_put(&b, IMS_SIP_RETRY_AFTER, IMS_S("5"));
	ims_sip_put_body(&b, ims_str(NULL), ims_str(NULL));
	if (!b.over)
		ims_acts_send(&s->acts, &back, ims_buf_str(&b), 0);
}

void ims_scscf_challenge(struct ims_scscf *s, const struct ims_scscf_in *in,
			 const struct ims_scscf_attempt *a)
{
	char ck[32], ik[32], opaque[32];
	uint8_t chance[16] = {0};
	struct ims_sip_auth auth = {
		.scheme = IMS_S("Digest"),
		.realm = ims_scscf_realm(s, in->impu),
		.nonce = ims_str(a->nonce),
		.algorithm = IMS_S("AKAv1-MD5"),
		.opaque = {opaque, sizeof(opaque)},
		.ik = {ik, sizeof(ik)},
		.ck = {ck, sizeof(ck)},
	};
	struct ims_buf b;

	ims_rand_fill(&s->rnd, chance, sizeof(chance));
	ims_buf_init(&b, opaque, sizeof(opaque));
	ims_hex_put(&b, chance, sizeof(chance));
	ims_buf_init(&b, ck, sizeof(ck));
	ims_hex_put(&b, a->vector.ck, sizeof(a->vector.ck));
	ims_buf_init(&b, ik, sizeof(ik));
	ims_hex_put(&b, a->vector.ik, sizeof(a->vector.ik));
	if (s->conf.qop)
		auth.qop = IMS_S("auth");
	begin(s, &b, in, 401);
	ims_buf_puts(&b, "WWW-Authenticate: ");
	ims_sip_auth_put(&b, &auth, true);
	ims_buf_puts(&b, "\r\n");
	finish(s, &b, in, 401);
	ims_wipe(ck, sizeof(ck));
	ims_wipe(ik, sizeof(ik));
	ims_wipe(s->msg, b.n);
}

/* RFC 1123 date, as SIP wants it [RFC 3261 20.17]. */
static void put_date(struct ims_scscf *s, struct ims_buf *b)
{
	static const char days[][4] = {"Thu", "Fri", "Sat", "Sun",
				       "Mon", "Tue", "Wed"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr",
					 "May", "Jun", "Jul", "Aug",
					 "Sep", "Oct", "Nov", "Dec"};
	uint64_t base = s->conf.date_ms ? s->conf.date_ms : s->conf.wall_ms;
	uint64_t sec = (base + s->now_ms) / 1000;
	uint64_t day = sec / 86400;
	/* Days since 0000-03-01 make months simple: leap days come last. */
	uint64_t z = day + 719468, era = z / 146097, doe = z % 146097;
	uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint64_t mp = (5 * doy + 2) / 153;
	uint64_t month = mp < 10 ? mp + 2 : mp - 10;
	uint64_t year = yoe + era * 400 + (month < 2);

	if (base == 0)
		return;
	ims_sip_putf(b, IMS_SIP_DATE, "%s, %02u %s %u %02u:%02u:%02u GMT",
		     days[day % 7], (unsigned)(doy - (153 * mp + 2) / 5 + 1),
		     months[month], (unsigned)year, (unsigned)(sec / 3600 % 24),
		     (unsigned)(sec / 60 % 60), (unsigned)(sec % 60));
}

/* Those that are not barred, the default one first [24.229 5.4.1.2.2F]. */
static void put_associated(struct ims_scscf *s, struct ims_buf *b,
			   const struct ims_scscf_user *u)
{
	struct ims_buf v;

	ims_buf_init(&v, s->body, sizeof(s->body));
	for (size_t i = 0; i < u->n_impus; i++) {
		if (u->impu[i]->barred)
			continue;
		ims_buf_puts(&v, v.n ? ", <" : "<");
		ims_buf_puts(&v, u->impu[i]->uri);
		ims_buf_putc(&v, '>');
	}
	if (v.n)
		ims_sip_put(b, IMS_SIP_P_ASSOCIATED_URI, ims_buf_str(&v));
}

/* For the identity that the REGISTER was for [RFC 5627 3.3]. */
static void put_gruus(struct ims_scscf *s, struct ims_buf *v,
		      const struct ims_scscf_in *in,
		      const struct ims_reg_contact *c)
{
	char mem[1024];
	struct ims_buf g;

	ims_buf_init(&g, mem, sizeof(mem));
	if (in->ask.gruu && ims_scscf_gruu_pub(s, c, in->impu, &g) == 0 &&
	    !g.over)
		ims_buf_printf(v, ";pub-gruu=\"%.*s\"",
			       IMS_STR_ARG(ims_buf_str(&g)));
	ims_buf_init(&g, mem, sizeof(mem));
	if (in->ask.gruu && ims_scscf_gruu_temp(s, c, in->impu, &g) == 0 &&
	    !g.over)
		ims_buf_printf(v, ";temp-gruu=\"%.*s\"",
			       IMS_STR_ARG(ims_buf_str(&g)));
}

static void put_contacts(struct ims_scscf *s, struct ims_buf *b,
			 const struct ims_scscf_in *in,
			 const struct ims_scscf_user *u)
{
	ims_list_each (pos, &u->binds.list) {
		const struct ims_reg_contact *c =
			ims_container(pos, struct ims_reg_contact, node);
		struct ims_buf v;

		if (!c->active)
			continue;
		ims_buf_init(&v, s->body, sizeof(s->body));
		ims_reg_contact_put(&v, c, s->now_ms);
		put_gruus(s, &v, in, c);
		ims_sip_put(b, IMS_SIP_CONTACT, ims_buf_str(&v));
	}
}

static void put_charging(struct ims_scscf *s, struct ims_buf *b,
			 const struct ims_sip_msg *m)
{
	struct ims_buf v;

	if (!ims_sip_has(m, IMS_SIP_P_CHARGING_VECTOR) || !s->conf.domain[0])
		return;
	ims_buf_init(&v, s->body, sizeof(s->body));
	ims_buf_put(&v, ims_sip_get(m, IMS_SIP_P_CHARGING_VECTOR));
	ims_buf_printf(&v, ";term-ioi=\"%s\"", s->conf.domain);
	ims_sip_put(b, IMS_SIP_P_CHARGING_VECTOR, ims_buf_str(&v));
}

void ims_scscf_welcome(struct ims_scscf *s, const struct ims_scscf_in *in,
		       const struct ims_scscf_user *u)
{
	char host[IMS_ADDR_TEXT];
	struct ims_buf b;

	begin(s, &b, in, 200);
	put_date(s, &b);
	put_contacts(s, &b, in, u);
	if (u->binds.n && ims_scscf_is_outbound(s, in))
		ims_sip_put(&b, IMS_SIP_REQUIRE, IMS_S("outbound"));
	ims_sip_copy(&b, in->m, IMS_SIP_PATH);
	if (u->binds.n) {
		put_associated(s, &b, u);
		if (s->conf.service_route)
			ims_sip_putf(&b, IMS_SIP_SERVICE_ROUTE,
				     "<sip:orig@%s;lr>",
				     ims_addr_text(s->conf.local, host));
	}
	put_charging(s, &b, in->m);
	finish(s, &b, in, 200);
}
