/* SPDX-License-Identifier: BSD-2-Clause */
/* conform.c - goes through a test's steps. */
#include "conform_priv.h"

#include "sip_via.h"

#include <stdlib.h>

const struct ims_conform_test *ims_conform_tests(size_t *n)
{
	*n = ims_conform_n;
	return ims_conform_table;
}

bool ims_conform_lists(const char *list, struct ims_str word)
{
	struct ims_str rest = ims_str(list);

	while (rest.n) {
		size_t n = ims_str_find(rest, ',');

		if (word.n &&
		    ims_str_caseeq(ims_str_trim(ims_str_n(rest.p, n)), word))
			return true;
		rest = ims_str_from(rest, n + 1);
	}
	return false;
}

const struct ims_conform_test *ims_conform_find(struct ims_str id)
{
	for (size_t i = 0; i < ims_conform_n; i++)
		if (ims_str_caseeq(id, ims_str(ims_conform_table[i].id)) ||
		    ims_conform_lists(ims_conform_table[i].also, id))
			return &ims_conform_table[i];
	return NULL;
}

const struct ims_conform_left *ims_conform_left(struct ims_str id)
{
	for (size_t i = 0; i < ims_conform_n_left; i++)
		if (ims_conform_lists(ims_conform_left_table[i].id, id))
			return &ims_conform_left_table[i];
	return NULL;
}

static const struct conform_step *step(const struct ims_conform *c)
{
	return &c->test->steps[c->at];
}

/* The user reads what is expected before it comes. */
static void finish(struct ims_conform *c, enum ims_conform_verdict v)
{
	c->verdict = v;
	if (v == IMS_CONFORM_NOBODY)
		ims_buf_printf(&c->out, "FAIL  %s: the UE never came\n",
			       c->test->id);
	else
		ims_buf_printf(&c->out, "%s  %s %s: %u right, %u wrong\n",
			       v == IMS_CONFORM_PASS ? "PASS" : "FAIL",
			       c->test->id, c->test->title, c->passed,
			       c->failed);
}

/* Orders are no waiting: they are given on the way to the next step. */
static void next(struct ims_conform *c, uint64_t now_ms)
{
	c->at++;
	c->since_ms = now_ms;
	for (; c->at < c->test->n_steps; c->at++) {
		if (step(c)->what == ORDER_REJECT)
			c->order = IMS_CONFORM_REJECT;
		else if (step(c)->what == ORDER_DEACTIVATE)
			c->order = IMS_CONFORM_DEACTIVATE;
		else if (step(c)->what == ORDER_REAUTH)
			c->order = IMS_CONFORM_REAUTH;
		else
			return;
		c->order_s = step(c)->within_s;
		ims_buf_printf(&c->out, "      %s\n", step(c)->name);
	}
	finish(c, c->failed ? IMS_CONFORM_FAIL : IMS_CONFORM_PASS);
}

struct ims_conform *ims_conform_new(const struct ims_conform_test *t,
				    uint32_t wait_s, uint64_t now_ms)
{
	struct ims_conform *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->test = t;
	c->wait_s = wait_s;
	c->since_ms = now_ms;
	ims_buf_init(&c->out, c->lines, sizeof c->lines);
	ims_buf_printf(&c->out, "test %s: %s [%s]\n", t->id, t->title,
		       t->clause);
	if (t->prompt)
		ims_buf_printf(&c->out, "      %s\n", t->prompt);
	return c;
}

void ims_conform_free(struct ims_conform *c)
{
	free(c);
}

static void judge(struct ims_conform *c, bool ok, const char *what,
		  const char *clause)
{
	c->passed += ok;
	c->failed += !ok;
	ims_buf_printf(&c->out, "%s  %zu %s: %s [%s]\n", ok ? "pass" : "FAIL",
		       c->at + 1, step(c)->name, what, clause);
}

static uint32_t limit_s(const struct ims_conform *c)
{
	return step(c)->within_s ? step(c)->within_s : c->wait_s;
}

static bool is_silence(enum conform_what what)
{
	return what == NO_REGISTER || what == NO_NOTIFY_OK;
}

static bool is_meant(enum conform_what what, const struct ims_sip_msg *m)
{
	switch (what) {
	case DO_REGISTER:
	case NO_REGISTER:
		return m->request && m->method == IMS_SIP_REGISTER;
	case DO_SUBSCRIBE:
		return m->request && m->method == IMS_SIP_SUBSCRIBE;
	default:
		return !m->request && m->method == IMS_SIP_NOTIFY &&
		       m->status >= 200;
	}
}

/* The same for a message and its retransmissions. */
static uint32_t hash_of(const struct ims_sip_msg *m)
{
	uint32_t h = ims_str_hash(m->call_id, m->cseq + m->status);
	struct ims_sip_via via;

	if (!ims_sip_via_top(m, &via))
		h = ims_str_hash(via.branch, h);
	return h;
}

static void compare(struct ims_conform *c, const struct ims_sip_msg *m,
		    const struct ims_flow *flow, uint64_t now_ms)
{
	const struct conform_step *s = step(c);
	uint64_t took_ms = now_ms - c->since_ms;

	if (is_silence(s->what)) {
		judge(c, false, "it should not have come", "");
		finish(c, IMS_CONFORM_FAIL);
		return;
	}
	for (int i = 0; i < IS_N; i++)
		if (s->checks & 1u << i)
			judge(c,
			      ims_conform_check(c, (enum conform_check)i, m,
						flow),
			      ims_conform_check_text((enum conform_check)i),
			      ims_conform_check_clause((enum conform_check)i));
	if (s->after_s)
		judge(c, took_ms + 500 >= UINT64_C(1000) * s->after_s,
		      "not too early", c->test->clause);
	next(c, now_ms);
}

static void start_lines(struct ims_conform *c)
{
	if (c->taken)
		c->out.n = 0;
	c->taken = false;
}

void ims_conform_seen(struct ims_conform *c, bool from_ue,
		      const struct ims_flow *flow, struct ims_str bytes,
		      uint64_t now_ms)
{
	struct ims_sip_msg m;
	uint32_t hash;

	if (c->verdict || ims_sip_msg_parse(bytes, &m, NULL))
		return;
	start_lines(c);
	if (from_ue && is_meant(step(c)->what, &m)) {
		hash = hash_of(&m);
		if (hash == c->hash)
			return;
		c->hash = hash;
		compare(c, &m, flow, now_ms);
	}
	ims_conform_note(c, from_ue, &m, flow);
}

uint64_t ims_conform_due(const struct ims_conform *c)
{
	if (c->verdict)
		return IMS_NEVER;
	return c->since_ms + UINT64_C(1000) * limit_s(c) + 1000;
}

void ims_conform_tick(struct ims_conform *c, uint64_t now_ms)
{
	char text[80];
	struct ims_buf b;

	if (c->verdict || now_ms < ims_conform_due(c))
		return;
	start_lines(c);
	ims_buf_init(&b, text, sizeof text);
	ims_buf_printf(&b, "nothing for %u s", (unsigned)limit_s(c));
	if (is_silence(step(c)->what)) {
		judge(c, true, ims_buf_cstr(&b), c->test->clause);
		next(c, now_ms);
	} else if (c->at == 0) {
		finish(c, IMS_CONFORM_NOBODY);
	} else {
		judge(c, false, ims_buf_cstr(&b), c->test->clause);
		finish(c, IMS_CONFORM_FAIL);
	}
}

enum ims_conform_verdict ims_conform_verdict(const struct ims_conform *c)
{
	return c->verdict;
}

struct ims_str ims_conform_take(struct ims_conform *c)
{
	start_lines(c);
	c->taken = true;
	return ims_buf_str(&c->out);
}

enum ims_conform_order ims_conform_order(struct ims_conform *c)
{
	enum ims_conform_order o = c->order;

	c->order = IMS_CONFORM_NOTHING;
	return o;
}

uint32_t ims_conform_order_s(const struct ims_conform *c)
{
	return c->order_s;
}

const char *ims_conform_impu(const struct ims_conform *c)
{
	return c->impu;
}
