//! What stands between the network and the handlers.

use crate::admission::AdmissionLayer;
use crate::envelope::EnvelopeLayer;
use crate::{ApiKeys, Limits, Origin, cors, traffic};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use tower::ServiceBuilder;

/// What a web face is protected by.
#[derive(Debug, Clone, Default)]
pub struct Protection {
    /// How much a client may take.
    pub limits: Limits,
    /// The keys of which a client must show one, if there are any.
    pub keys: ApiKeys,
    /// The paths that need no key and are not turned away for the load on others, such as those by
    /// which an orchestrator asks for health: its answer to a refusal would be to kill the process.
    /// 128 requests of them may be in work at the same time, with bodies of at most 4 KiB.
    pub open_paths: &'static [&'static str],
    /// The origins whose pages may use the face; `None` leaves browsers to their own rule.
    pub cors: Option<Vec<Origin>>,
}

/// Protects every route of `router`, and what answers when none of them matches.
///
/// From the outside in:
/// 1. the envelope: request id, figures, access log, the shape of errors, security headers. It is
///    outermost so that every answer has it, those of the layers below and of a panic included,
///    except the bare 400, 414 and 431 to what is not read as a request at all;
/// 2. other origins: before the keys, because a browser asks for permission without them, and
///    outside of all refusals, because without permission a page cannot read even those;
/// 3. admission: key, then rate (the key says whose rate it is), then the body within its size and
///    time, then a place among the requests in work. The place comes last, so that no client holds
///    one by sending slowly: what large bodies take meanwhile is room, of which they have their own.
///    The time for the whole request runs over all of this and the handler. The place is free again
///    when there is an answer, or when a large one is sent.
///
/// The handler finds its request's [`RequestId`](crate::RequestId) in the extensions and the whole
/// body in memory. For the router, this is the last step: routes that are added later are bare.
pub fn protect(router: Router, protection: Protection) -> Router {
    traffic::describe();
    let cors = protection.cors.clone().map(cors::layer);
    let layers = ServiceBuilder::new()
        .layer(EnvelopeLayer::default())
        .option_layer(cors)
        .layer(AdmissionLayer::new(protection))
        // The admission has limited the body already, perhaps to more than axum's own limit.
        .layer(DefaultBodyLimit::disable());
    // Without the state a router would wrap every handler in its layers anew for each request.
    router.layer(layers).with_state(())
}
