/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_sa.h - the four SAs of a registration, as a value.
 *
 *	          UE                              P-CSCF
 *	 port_uc ───────── spi_ps ─────────▶ port_ps     IMS_UC_TO_PS
 *	 port_uc ◀──────── spi_uc ────────── port_ps     IMS_PS_TO_UC
 *	 port_us ◀──────── spi_us ────────── port_pc     IMS_PC_TO_US
 *	 port_us ───────── spi_pc ─────────▶ port_pc     IMS_US_TO_PC
 *
 * Each SPI is chosen by the receiver and named after the port at which the SA
 * arrives.  UDP uses the first and the third only; TCP all four.  One SA
 * serves UDP and TCP alike.
 *
 * Spec: TS 33.203 7.1, Annex I.
 */
#ifndef IMS_IPSEC_SA_H
#define IMS_IPSEC_SA_H

#include "base_addr.h"
#include "base_flow.h"
#include "ipsec_alg.h"
#include "ipsec_replay.h"

enum ims_arrow {
	IMS_UC_TO_PS,
	IMS_PS_TO_UC,
	IMS_PC_TO_US,
	IMS_US_TO_PC,
	IMS_N_ARROWS
};
const char *ims_arrow_name(enum ims_arrow a);     /* "uc->ps" */
const char *ims_arrow_spi_name(enum ims_arrow a); /* "spi_ps" */

struct ims_ipsec_sa {
	struct ims_addr src, dst;
	uint32_t spi;
};

/* Keys as ESP uses them; lengths follow from the suite.  Secret. */
struct ims_ipsec_keys {
	uint8_t alg[20];  /* IK_ESP */
	uint8_t ealg[24]; /* CK_ESP */
	uint8_t salt[4];  /* GCM, GMAC */
};

/* How far each SA of a set has come: outbound ones count, inbound ones have a
 * window.
 */
struct ims_ipsec_live {
	struct {
		uint32_t seq; /* the last one sent */
		struct ims_ipsec_replay window;
	} sa[IMS_N_ARROWS];
};

struct ims_ipsec_set {
	uint32_t id; /* the owner's name for it; unique on its host, not 0 */
	bool ue;     /* we are the UE: PS_TO_UC and PC_TO_US come in */
	struct ims_ipsec_suite suite;
	struct ims_ipsec_sa sa[IMS_N_ARROWS];
	struct ims_ipsec_keys keys;
	uint32_t life_s; /* hard lifetime in the back-end; 0: none */
	/* Where ESP in userspace counts, so that it outlives the process;
	 * borrowed for as long as the set is installed.  NULL: the back-end's
	 * own memory.
	 */
	struct ims_ipsec_live *live;
	/* It was installed by a process before us: take over what is there
	 * (kernel), or go on from `live` (userspace).  -IMS_E_NOTFOUND if that
	 * cannot be done.
	 */
	bool adopt;
};
void ims_ipsec_set_wipe(struct ims_ipsec_set *s);

/* ESP keys from CK and IK [33.203 Annex I].  Returns 0 or -IMS_E_ALGO. */
int ims_ipsec_expand(struct ims_ipsec_suite suite, const uint8_t ck[static 16],
		     const uint8_t ik[static 16], struct ims_ipsec_keys *out);

/* Does this SA come in at our side? */
bool ims_ipsec_inbound(const struct ims_ipsec_set *s, enum ims_arrow a);
/* The SA that carries a message on this flow; sending: from local to remote,
 * else the other way.  -1: none.
 */
int ims_ipsec_arrow(const struct ims_ipsec_set *s, const struct ims_flow *f,
		    bool sending);

#endif
