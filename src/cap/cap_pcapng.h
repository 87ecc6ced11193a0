/* SPDX-License-Identifier: BSD-2-Clause */
/* cap_pcapng.h - writes pcapng with what no library keeps: names, comments per
 * packet, and the keys that open the ESP.
 *
 * Packets are gathered first and written at the end, because keys and names
 * stand before the packets in the file.  K and OPc never get here: only the
 * ESP keys of the SAs.
 *
 * Spec: draft-ietf-opsawg-pcapng (SHB, IDB, NRB, DSB, EPB; secrets type
 * 0x45535053 for ESP).
 */
#ifndef IMS_CAP_PCAPNG_H
#define IMS_CAP_PCAPNG_H

#include "ipsec_engine.h"
#include "ipsec_sa.h"

/* How the comment of the section begins that lists the protected ports:
 * "SIP behind ESP, ports: 38003 39003 50717 50718".
 */
#define IMS_CAP_PORTS "SIP behind ESP, ports:"

enum ims_link { IMS_LINK_ETHERNET = 1, IMS_LINK_RAW_IP = 101 };

struct ims_capture;
/* app: "imsreg 0.1.0"; ifname: "veth0". NULL: no memory. */
struct ims_capture *ims_capture_new(enum ims_link link, const char *ifname,
				    const char *app);
void ims_capture_free(struct ims_capture *c); /* wipes the keys */
/* A name for an address in the names block. 0 or -IMS_E_NOMEM. */
int ims_capture_name(struct ims_capture *c, struct ims_ip ip, const char *name);
/* A set whose packets may be in it: keys for the secrets block and for the
 * comments.  Both sides may tell it, it is added once; a removed set stays.
 */
int ims_capture_set(struct ims_capture *c, const struct ims_ipsec_set *set);
/* A packet as it was on the wire. */
int ims_capture_packet(struct ims_capture *c, uint64_t wall_ns,
		       const uint8_t *p, size_t n);
/* A message to be named in the comment of the packet that starts it: "step 3
 * REGISTER uc->ps"; text is copied.  Matched by the message's first bytes.
 */
int ims_capture_message(struct ims_capture *c, struct ims_str bytes,
			const char *comment);
size_t ims_capture_packets(const struct ims_capture *c);

/* The whole file through `put`, which returns 0 or an error that is passed on.
 */
int ims_capture_write(struct ims_capture *c,
		      int (*put)(void *arg, const void *p, size_t n),
		      void *arg);
/* The lines of Wireshark's esp_sa file for all sets; none for AES-GMAC, which
 * Wireshark does not know.
 */
int ims_capture_esp_sa(const struct ims_capture *c,
		       int (*put)(void *arg, const void *p, size_t n),
		       void *arg);
/* All protected ports that occur, for "decode as": ascending, at most max. */
size_t ims_capture_ports(const struct ims_capture *c, uint16_t *port,
			 size_t max);

#endif
