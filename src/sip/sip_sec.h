/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_sec.h - Security-Client, Security-Server, Security-Verify: syntax only.
 *
 * Spec: RFC 3329 2.2; TS 33.203 Annex H.  What the values mean is decided in
 * secagree.h.
 */
#ifndef IMS_SIP_SEC_H
#define IMS_SIP_SEC_H

#include "sip_build.h"
#include "sip_msg.h"
#include "sip_param.h"

enum {
	IMS_SEC_HAS_Q = 1,
	IMS_SEC_HAS_SPI_C = 2,
	IMS_SEC_HAS_SPI_S = 4,
	IMS_SEC_HAS_PORT_C = 8,
	IMS_SEC_HAS_PORT_S = 16,
};

/* One mechanism.  Slices borrow the message; an absent one has a NULL
 * pointer (alg has no default, prot is esp, mod is trans, ealg is null).
 */
struct ims_sip_sec {
	struct ims_str text; /* as it stood, for mirroring */
	struct ims_str name; /* "ipsec-3gpp" */
	struct ims_str alg, ealg, prot, mod;
	unsigned has; /* IMS_SEC_HAS_... */
	unsigned q;   /* thousandths */
	uint32_t spi_c, spi_s;
	uint16_t port_c, port_s;
	bool mediasec;
};

#define IMS_SIP_SEC_MAX 32

/* Reads one mechanism.  Tolerant of spaces, order, leading zeros, quoted
 * values, unknown parameters.  A number that does not fit or a parameter that
 * occurs twice is an error which flaw names (may be NULL).  Only the parameters
 * of ipsec-3gpp are judged: of other mechanisms what cannot be read is left
 * out and stays in `text`.
 * Returns 0, -IMS_E_SYNTAX or -IMS_E_RANGE.
 */
int ims_sip_sec_parse(struct ims_str s, struct ims_sip_sec *out,
		      struct ims_flaw *flaw);
/* All mechanisms of that header over all its lines; *n is how many.
 * -IMS_E_NOTFOUND, -IMS_E_TOOBIG (> max), -IMS_E_SYNTAX, -IMS_E_RANGE.
 */
int ims_sip_sec_get(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		    struct ims_sip_sec *list, size_t max, size_t *n,
		    struct ims_flaw *flaw);
/* Same, from the text of a header value. */
int ims_sip_sec_list(struct ims_str value, struct ims_sip_sec *list, size_t max,
		     size_t *n, struct ims_flaw *flaw);

/* Same mechanism and same parameters, in any order: names and tokens without
 * case, numbers by value, quotes aside [RFC 3329 2.3.1].  A default that one
 * side writes out (prot=esp, mod=trans, ealg=null) is no difference; q is one,
 * and so is a parameter that we do not know.
 */
bool ims_sip_sec_same(const struct ims_sip_sec *a, const struct ims_sip_sec *b);

/* How a mechanism is written: the UE's ten digits with leading zeros, or
 * plain decimals, and where q stands.
 */
struct ims_sip_sec_style {
	bool spi10; /* spi-c=0000565817 */
	bool q_last;
};
/* Writes alg, prot, mod, ealg, spi-c, spi-s, port-c, port-s (and q if it has
 * it); absent ones are left out.
 */
void ims_sip_sec_put(struct ims_buf *b, const struct ims_sip_sec *s,
		     struct ims_sip_sec_style style);

#endif
