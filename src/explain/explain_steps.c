/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_steps.c - which of the eight steps a message is, and its carrier. */
#include "explain_steps.h"

#include "base_mem.h"
#include "base_trace.h"
#include "explain_priv.h"
#include "sip_auth.h"
#include "sip_event.h"
#include "sip_via.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ims_steps *ims_steps_new(const struct ims_aka_key *key)
{
	struct ims_steps *s = calloc(1, sizeof *s);

	if (s && key) {
		s->key = *key;
		s->has_key = true;
	}
	return s;
}

void ims_steps_free(struct ims_steps *s)
{
	if (!s)
		return;
	ims_aka_key_wipe(&s->key);
	free(s);
}

void ims_steps_resume(struct ims_steps *s, const struct ims_secagree *in_use,
		      const struct ims_secagree *old)
{
	for (unsigned step = 1; step <= IMS_STEPS; step++)
		s->seen |= 1u << step;
	s->agreed = *in_use;
	s->chosen = true;
	s->has_old = old != NULL;
	if (old)
		s->old = *old;
}

const struct ims_secagree *ims_steps_agreed(const struct ims_steps *s)
{
	return &s->agreed;
}

void ims_steps_wrong(struct ims_step *out, int err, const char *fmt, ...)
{
	va_list ap;

	if (out->err)
		return;
	out->err = err;
	va_start(ap, fmt);
	vsnprintf(out->why, sizeof out->why, fmt, ap);
	va_end(ap);
}

/* --- which step --------------------------------------------------------- */

static bool seen(const struct ims_steps *s, unsigned step)
{
	return s->seen & 1u << step;
}

/* Inside SAs once registered: a refresh.  With a response: the proof.  With
 * Security-Client and no response, or with auts: asks for a challenge.  One
 * without either is no step.
 */
static unsigned register_step(const struct ims_steps *s,
			      const struct ims_sight *m)
{
	struct ims_sip_auth a;

	if (seen(s, 4) && m->spi)
		return 0;
	if (!seen(s, 4) &&
	    !ims_sip_auth_get(&s->msg, IMS_SIP_AUTHORIZATION, &a) &&
	    a.response.n && !a.auts.n)
		return 3;
	return ims_sip_has(&s->msg, IMS_SIP_SECURITY_CLIENT) ? 1 : 0;
}

/* A later SUBSCRIBE is a refresh, a later NOTIFY news. */
static unsigned request_step(const struct ims_steps *s,
			     const struct ims_sight *m)
{
	const struct ims_sip_msg *msg = &s->msg;
	struct ims_sip_event e;

	if (msg->method == IMS_SIP_REGISTER)
		return register_step(s, m);
	if (ims_sip_event_parse(ims_sip_get(msg, IMS_SIP_EVENT), &e) ||
	    !ims_str_caseeq(e.package, IMS_S("reg")))
		return 0;
	if (msg->method == IMS_SIP_SUBSCRIBE)
		return seen(s, 6) ? 0 : 5;
	return msg->method == IMS_SIP_NOTIFY && !seen(s, 8) ? 7 : 0;
}

static void copy_branch(const struct ims_sip_msg *m, char *out, size_t cap)
{
	struct ims_sip_via v;

	if (ims_sip_via_top(m, &v) || !ims_str_copy(out, cap, v.branch))
		*out = '\0';
}

/* The step whose request has this branch; 0: none. */
static unsigned answered(const struct ims_steps *s, const char *branch)
{
	for (unsigned i = 1; i <= IMS_STEPS; i += 2)
		if (*branch && !strcmp(s->request[i].branch, branch) &&
		    s->request[i].cseq == s->msg.cseq)
			return i;
	return 0;
}

static bool answers_refresh(const struct ims_steps *s, const char *branch)
{
	return *branch && !strcmp(s->request[0].branch, branch) &&
	       s->request[0].cseq == s->msg.cseq;
}

/* The set in use, if there is one, is the old one from now on. */
static void start_over(struct ims_steps *s)
{
	if (seen(s, 4)) {
		s->old = s->agreed;
		s->has_old = true;
	}
	s->seen &= ~(1u << 2 | 1u << 3 | 1u << 4);
	s->chosen = false;
}

/* 401 answers step 1 or a refresh, 2xx the others; any other answer is no
 * step.
 */
static unsigned answer_step(struct ims_steps *s, const char *branch)
{
	unsigned of = answered(s, branch), status = s->msg.status;

	if (answers_refresh(s, branch) && status == 401) {
		if (seen(s, 4))
			start_over(s);
		return 2;
	}
	if (!of || (of == 1 ? status != 401 : status / 100 != 2))
		return 0;
	return of + 1;
}

static void keep(struct steps_request *r, const char *branch, uint32_t cseq)
{
	snprintf(r->branch, sizeof r->branch, "%s", branch);
	r->cseq = cseq;
}

static void classify_request(struct ims_steps *s, const struct ims_sight *m,
			     const char *branch, struct ims_step *out)
{
	unsigned of = answered(s, branch);

	if (of) { /* the same branch again */
		out->step = of;
		out->repeat = true;
		return;
	}
	out->step = request_step(s, m);
	if (out->step == 1)
		start_over(s);
	if (out->step || s->msg.method == IMS_SIP_REGISTER)
		keep(&s->request[out->step], branch, s->msg.cseq);
}

static void classify(struct ims_steps *s, const struct ims_sight *m,
		     struct ims_step *out)
{
	char branch[128];

	copy_branch(&s->msg, branch, sizeof branch);
	if (s->msg.request) {
		classify_request(s, m, branch, out);
		return;
	}
	out->step = answer_step(s, branch);
	out->repeat = out->step && seen(s, out->step);
}

static void name(const struct ims_sip_msg *m, char *out, size_t cap)
{
	char text[48];

	if (m->request) {
		ims_printable(m->method_text, out, cap);
		return;
	}
	snprintf(out, cap, "%u %s", m->status,
		 ims_printable(m->reason, text, sizeof text));
}

/* --- on which SA -------------------------------------------------------- */

static struct ims_addr end(const struct ims_secagree_end *e, bool client)
{
	return (struct ims_addr){e->ip, client ? e->port_c : e->port_s};
}

/* By the ports that were announced; -1: between no protected ports. */
static int arrow_of(const struct ims_secagree *a, const struct ims_sight *m)
{
	struct ims_addr uc = end(&a->ue, true), us = end(&a->ue, false);
	struct ims_addr pc = end(&a->pcscf, true), ps = end(&a->pcscf, false);

	if (ims_addr_eq(m->src, uc) && ims_addr_eq(m->dst, ps))
		return IMS_UC_TO_PS;
	if (ims_addr_eq(m->src, ps) && ims_addr_eq(m->dst, uc))
		return IMS_PS_TO_UC;
	if (ims_addr_eq(m->src, pc) && ims_addr_eq(m->dst, us))
		return IMS_PC_TO_US;
	if (ims_addr_eq(m->src, us) && ims_addr_eq(m->dst, pc))
		return IMS_US_TO_PC;
	return -1;
}

static uint32_t spi_of(const struct ims_secagree *a, int arrow)
{
	const uint32_t spi[IMS_N_ARROWS] = {
		[IMS_UC_TO_PS] = a->pcscf.spi_s,
		[IMS_PS_TO_UC] = a->ue.spi_c,
		[IMS_PC_TO_US] = a->ue.spi_s,
		[IMS_US_TO_PC] = a->pcscf.spi_c,
	};

	return spi[arrow];
}

/* Between protected ports only ESP, with the SPI that the receiver announced;
 * elsewhere no ESP [33.203 7.1].
 */
static void check_carrier(const struct ims_steps *s, const struct ims_sight *m,
			  struct ims_step *out)
{
	const struct ims_secagree *a = &s->agreed;

	out->arrow = s->chosen ? arrow_of(a, m) : -1;
	if (out->arrow < 0 && s->has_old) {
		a = &s->old;
		out->arrow = arrow_of(a, m);
	}
	if (out->arrow < 0) {
		if (m->spi)
			ims_steps_wrong(
				out, -IMS_E_ESP_SELECTOR,
				"ESP between ports %u and %u, which were "
				"not announced",
				m->src.port, m->dst.port);
		return;
	}
	if (!m->spi)
		ims_steps_wrong(out, -IMS_E_CLEAR, "clear text %s [33.203 7.1]",
				ims_arrow_name((enum ims_arrow)out->arrow));
	else if (m->spi != spi_of(a, out->arrow))
		ims_steps_wrong(out, -IMS_E_ESP_SPI,
				"SPI %u where %u was announced as %s", m->spi,
				spi_of(a, out->arrow),
				ims_arrow_spi_name((enum ims_arrow)out->arrow));
}

/* --- one message -------------------------------------------------------- */

static void remember(struct ims_steps *s, const struct ims_step *out)
{
	if (out->step)
		s->seen |= 1u << out->step;
	if (out->err && !s->err) {
		s->err = out->err;
		snprintf(s->why, sizeof s->why, "step %u %s: %s", out->step,
			 out->what, out->why);
	}
}

void ims_steps_feed(struct ims_steps *s, const struct ims_sight *m,
		    struct ims_step *out)
{
	struct ims_sip_flaw flaw;

	memset(out, 0, sizeof *out);
	out->arrow = -1;
	if (ims_sip_msg_parse(m->bytes, &s->msg, &flaw)) {
		snprintf(out->what, sizeof out->what, "not SIP");
		ims_steps_wrong(out, flaw.flaw.err, "%s", flaw.flaw.text);
	} else {
		name(&s->msg, out->what, sizeof out->what);
		classify(s, m, out);
		check_carrier(s, m, out);
		ims_steps_check(s, m, out);
	}
	remember(s, out);
}

bool ims_steps_done(const struct ims_steps *s, char *why, size_t cap)
{
	if (s->err) {
		if (why)
			snprintf(why, cap, "%s", s->why);
		return false;
	}
	for (unsigned i = 1; i <= IMS_STEPS; i++) {
		if (seen(s, i))
			continue;
		if (why)
			snprintf(why, cap, "step %u was not seen", i);
		return false;
	}
	return true;
}
