//! Whom to trust: those that were named, else those that the system trusts.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Certificates of who may sign that of a server. Those that cannot be read are left out; a text that has none
/// is refused.
pub(crate) fn roots(ca: Option<&str>) -> Result<Vec<CertificateDer<'static>>, String> {
    let Some(pem) = ca else { return Ok(rustls_native_certs::load_native_certs().certs) };
    let named: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let named =
        named.map_err(|error| format!("the certificates of ca_file cannot be read: {error}"))?;
    if named.is_empty() {
        return Err("ca_file has no certificate in PEM form".to_owned());
    }
    Ok(named)
}
