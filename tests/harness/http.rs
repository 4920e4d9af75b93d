//! HTTP as a client would speak it.

/// Status and body of the answer to a GET.
pub(crate) fn get(url: &str) -> Result<(u16, String), String> {
    let answer = agent().get(url).call();
    let mut answer = answer.map_err(|error| error.to_string())?;
    let body = answer.body_mut().with_config().limit(u64::MAX).read_to_string();
    Ok((answer.status().as_u16(), body.map_err(|error| error.to_string())?))
}

/// The same with a header.
pub(crate) fn get_with(url: &str, (name, value): (&str, &str)) -> Result<(u16, String), String> {
    let answer = agent().get(url).header(name, value).call();
    let mut answer = answer.map_err(|error| error.to_string())?;
    let body = answer.body_mut().read_to_string().map_err(|error| error.to_string())?;
    Ok((answer.status().as_u16(), body))
}

/// Status and body of the answer to a POST.
pub(crate) fn post(url: &str, form: &str, body: &str) -> Result<(u16, String), String> {
    let mut answer =
        agent().post(url).content_type(form).send(body).map_err(|error| error.to_string())?;
    let body = answer.body_mut().read_to_string().map_err(|error| error.to_string())?;
    Ok((answer.status().as_u16(), body))
}

/// The same of a packed body of JSON.
pub(crate) fn post_packed(url: &str, coding: &str, body: &[u8]) -> Result<(u16, String), String> {
    let request = agent().post(url).content_type("application/json");
    let mut answer =
        request.header("content-encoding", coding).send(body).map_err(|error| error.to_string())?;
    let body = answer.body_mut().read_to_string().map_err(|error| error.to_string())?;
    Ok((answer.status().as_u16(), body))
}

/// One that hands errors on as answers.
fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    ureq::Agent::new_with_config(config)
}
