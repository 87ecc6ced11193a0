/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_number.c - SPIs and protected ports for the next offer.
 *
 * port_us stays until the UE is deregistered, everything else is new at each
 * authentication [33.203 7.1, 24.229 5.1.1.4].  Phones take them from ranges
 * of their own (conf.form); the fixed numbers of the configuration serve once.
 */
#include "ue_priv.h"

#define PORT_FROM 32768
#define PORT_TO 60999
#define SPI_MIN 256 /* [RFC 4303 2.1] */
#define TRIES 200

static bool in_set(const struct ue_set *s, uint32_t spi)
{
	return s->id && (spi == s->me.spi_c || spi == s->me.spi_s ||
			 spi == s->pcscf.spi_c || spi == s->pcscf.spi_s);
}

/* Is this SPI one of an existing set, in either direction [33.203 7.1]? */
static bool spi_free(const struct ims_ue *ue, uint32_t spi)
{
	return spi >= SPI_MIN && !in_set(&ue->temp, spi) &&
	       !in_set(&ue->now, spi) && !in_set(&ue->old, spi);
}

/* 0: none found. */
static uint32_t any_spi(struct ims_ue *ue)
{
	const struct ims_ue_form *f = &ue->conf.form;
	uint32_t span = f->spi_to - f->spi_from + 1, spi = 0;

	if (span == 0 || f->spi_to == 0)
		return ims_rand_fill(&ue->rnd, &spi, sizeof spi) ? 0 : spi;
	return f->spi_from + ims_rand_below(&ue->rnd, span);
}

static int choose_spis(struct ims_ue *ue, bool first)
{
	const struct ims_ue_conf *c = &ue->conf;
	struct ims_secagree_end *e = &ue->offer;
	uint32_t uc = first ? c->spi_uc : 0, us = first ? c->spi_us : 0;

	for (int i = 0; i < TRIES; i++) {
		e->spi_c = uc ? uc : any_spi(ue);
		e->spi_s = us                 ? us
			   : c->form.spi_next ? e->spi_c + 1
					      : any_spi(ue);
		if ((uc || spi_free(ue, e->spi_c)) &&
		    (us || spi_free(ue, e->spi_s)) && e->spi_c != e->spi_s)
			return 0;
	}
	return -IMS_E_NO_SPI;
}

static bool port_free(const struct ims_ue *ue, uint32_t port)
{
	return port && port <= UINT16_MAX && port != 5060 && port != 5061 &&
	       port != ue->conf.local.port && port != ue->offer.port_c &&
	       port != ue->offer.port_s &&
	       !(ue->now.id && port == ue->now.me.port_c) &&
	       !(ue->old.id && port == ue->old.me.port_c) &&
	       !(ue->temp.id && port == ue->temp.me.port_c);
}

/* One of from..to that is free; of our own range if they are all in use. */
static uint16_t port_of(struct ims_ue *ue, uint16_t from, uint16_t to,
			uint16_t step)
{
	uint32_t n = to ? (uint32_t)(to - from) / step + 1 : 0, port;

	for (int i = 0; n && i < TRIES; i++) {
		port = from + step * ims_rand_below(&ue->rnd, n);
		if (port_free(ue, port))
			return (uint16_t)port;
	}
	do {
		port = PORT_FROM +
		       ims_rand_below(&ue->rnd, PORT_TO - PORT_FROM + 1);
	} while (!port_free(ue, port));
	return (uint16_t)port;
}

static uint16_t random_uc(struct ims_ue *ue)
{
	const struct ims_ue_form *f = &ue->conf.form;

	return port_of(ue, f->uc_from, f->uc_to, 1);
}

/* Counted up from the last one, or from port_us. */
static uint16_t next_uc(struct ims_ue *ue, uint16_t last)
{
	uint32_t port = last ? last : ue->offer.port_s;

	for (int i = 0; i < TRIES; i++)
		if (port_free(ue, ++port))
			return (uint16_t)port;
	return random_uc(ue);
}

static uint16_t choose_us(struct ims_ue *ue)
{
	const struct ims_ue_form *f = &ue->conf.form;
	uint32_t above = ue->offer.port_c + 1000u;

	if (ue->conf.port_us)
		return ue->conf.port_us;
	if (f->ports == IMS_UE_PORTS_US_1000 && port_free(ue, above))
		return (uint16_t)above;
	return port_of(ue, f->us_from, f->us_to, f->us_step ? f->us_step : 1);
}

static void choose_ports(struct ims_ue *ue, bool first)
{
	const struct ims_ue_form *f = &ue->conf.form;
	struct ims_secagree_end *e = &ue->offer;
	uint16_t last = e->port_c;
	bool fixed = first && ue->conf.port_uc;

	if (first)
		last = e->port_s = e->port_c = 0;
	if (f->ports == IMS_UE_PORTS_US_1000 && first) {
		e->port_c = fixed ? ue->conf.port_uc : random_uc(ue);
		e->port_s = choose_us(ue);
		return;
	}
	if (e->port_s == 0)
		e->port_s = choose_us(ue);
	e->port_c = fixed                              ? ue->conf.port_uc
		    : f->ports == IMS_UE_PORTS_UC_NEXT ? next_uc(ue, last)
						       : random_uc(ue);
}

int ims_ue_numbers(struct ims_ue *ue)
{
	bool first = !ue->offered_before;

	ue->offer.ip = ue->conf.local.ip;
	choose_ports(ue, first);
	ue->offered_before = true;
	return choose_spis(ue, first);
}
