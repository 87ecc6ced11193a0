/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_put.c - values as JSON that a core and a ue both show. */
#include "ctl_put.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

uint64_t ims_ctl_now(const struct ims_ctl_self *self)
{
	return self->now_ms(self->now_arg);
}

void ims_ctl_put_self(json_t *o, const struct ims_ctl_self *self)
{
	uint64_t up = ims_ctl_now(self) - self->started_ms;

	json_object_set_new(o, "version", json_string(self->version));
	json_object_set_new(o, "pid", json_integer(getpid()));
	json_object_set_new(o, "uptime_s", json_integer((json_int_t)up / 1000));
	json_object_set_new(o, "log",
			    json_string(ims_level_name(self->trace->level)));
	json_object_set_new(o, "ipsec",
			    json_pack("{s:s, s:o}", "backend", self->ipsec,
				      "why",
				      ims_ctl_text(ims_str(self->ipsec_why))));
	json_object_set_new(o, "state", ims_ctl_text(ims_str(self->state)));
}

int ims_ctl_set_log(const struct ims_ctl_self *self,
		    const struct ims_ctl_req *req, json_t *answer)
{
	const char *was = ims_level_name(self->trace->level);

	self->trace->level = req->level;
	json_object_set_new(answer, "was", json_string(was));
	json_object_set_new(answer, "level",
			    json_string(ims_level_name(req->level)));
	return 0;
}

json_t *ims_ctl_addr(struct ims_addr a)
{
	char text[IMS_ADDR_TEXT];

	return json_string(ims_addr_text(a, text));
}

json_t *ims_ctl_seconds(uint32_t s)
{
	return s == UINT32_MAX ? json_null() : json_integer(s);
}

static void put_count(json_t *o, const struct ims_ipsec_count *n)
{
	json_object_set_new(o, "packets", json_integer((json_int_t)n->packets));
	json_object_set_new(o, "bytes", json_integer((json_int_t)n->bytes));
	json_object_set_new(o, "dropped",
			    json_pack("{s:I, s:I, s:I, s:I}", "replay",
				      (json_int_t)n->replayed, "icv",
				      (json_int_t)n->bad_icv, "selector",
				      (json_int_t)n->bad_selector, "malformed",
				      (json_int_t)n->malformed));
}

static json_t *put_sa(const struct ims_ctl_set *s, enum ims_arrow a)
{
	const struct ims_ipsec_sa *sa = &s->sa[a];
	char hex[16];
	json_t *o;

	snprintf(hex, sizeof hex, "0x%08x", (unsigned)sa->spi);
	o = json_pack("{s:s, s:s, s:I, s:s, s:o, s:o}", "arrow",
		      ims_arrow_name(a), "name", ims_arrow_spi_name(a), "spi",
		      (json_int_t)sa->spi, "spi_hex", hex, "src",
		      ims_ctl_addr(sa->src), "dst", ims_ctl_addr(sa->dst));
	if (s->count)
		put_count(o, &s->count[a]);
	return o;
}

/* The same word for a life on both sides. */
const char *ims_ctl_life(const char *life)
{
	if (strcmp(life, "pending") == 0)
		return "temporary";
	return strcmp(life, "in-use") == 0 ? "in use" : life;
}

json_t *ims_ctl_set(const struct ims_ctl_set *s)
{
	json_t *o, *list = json_array();

	for (int a = 0; a < IMS_N_ARROWS; a++)
		json_array_append_new(list, put_sa(s, (enum ims_arrow)a));
	o = json_pack("{s:I, s:o, s:s}", "set", (json_int_t)s->id, "impi",
		      ims_ctl_text(s->impi), "life", ims_ctl_life(s->life));
	json_object_set_new(o, "alg",
			    json_string(ims_ipsec_alg(s->suite.alg)->token));
	json_object_set_new(o, "ealg",
			    json_string(ims_ipsec_ealg(s->suite.ealg)->token));
	json_object_set_new(o, "ends_s", ims_ctl_seconds(s->ends_s));
	json_object_set_new(o, "sas", list);
	return o;
}

struct ims_ctl_page ims_ctl_page(const struct ims_ctl_req *req, size_t most)
{
	struct ims_ctl_page p = {.list = json_array(),
				 .skip = req->skip,
				 .max = most};

	if (req->given & IMS_CTL_K_MAX && req->max < most)
		p.max = req->max;
	return p;
}

bool ims_ctl_page_wants(struct ims_ctl_page *p)
{
	size_t at = p->total++;

	return at >= p->skip && at - p->skip < p->max;
}

void ims_ctl_page_put(struct ims_ctl_page *p, json_t *answer, const char *name)
{
	json_object_set_new(answer, "total",
			    json_integer((json_int_t)p->total));
	json_object_set_new(answer, "skip", json_integer((json_int_t)p->skip));
	json_object_set_new(answer, name, p->list);
}
