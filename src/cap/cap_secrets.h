/* SPDX-License-Identifier: BSD-2-Clause */
/* cap_secrets.h - the profile of Wireshark, from what a capture file holds.
 *
 * A file of ours carries its ESP keys (secrets block) and the protected ports
 * (comment of the section), so the folder beside it can be made again.  What
 * is in a file is not to be trusted: only lines of the form that
 * ipsec_wireshark.h writes, with labels that Wireshark 4.0 knows, are taken.
 */
#ifndef IMS_CAP_SECRETS_H
#define IMS_CAP_SECRETS_H

#include "base_buf.h"

/* Lines of esp_sa (8 columns) from the text of a secrets block (10 columns);
 * others are left out, AES-GMAC too.  Returns how many were written; what did
 * not fit leaves out->over.  The caller wipes *out.
 */
size_t ims_cap_secrets_esp_sa(struct ims_str text, struct ims_buf *out);
/* The ports in the comment of a section (IMS_CAP_PORTS): at most max. */
size_t ims_cap_secrets_ports(struct ims_str comment, uint16_t *port,
			     size_t max);

#endif
