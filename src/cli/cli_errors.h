/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_errors.h - imsreg help errors: every id, its exit status and meaning. */
#ifndef IMS_CLI_ERRORS_H
#define IMS_CLI_ERRORS_H

/* Prints the list of base_err.h in its order, a paragraph each:
 *
 *	aka.mac (exit 5): the network's AUTN MAC is wrong
 *	  cause: K or OP/OPc differ between USIM and HSS
 *	  next: imsreg aka --nonce ... with both keys
 *
 * Returns the exit status.
 */
int ims_cli_errors(void);

#endif
