//! A balancer needs no HTTP: here are two services of integers, used in turn, weighted, and drained while they
//! serve.
//!
//! `cargo run -p balance --example any_service`

use balance::{Balance, BoxError, NoEndpoints, RoundRobinLayer};
use tower::{Layer, Service, ServiceExt, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    // Below the layer is a closure that makes the service of one endpoint from its target, which is a factor here.
    let times = |factor: i64| {
        service_fn(move |x: i64| {
            std::future::ready(Ok::<_, BoxError>(format!("{x} x {factor} = {}", x * factor)))
        })
    };
    let balance = RoundRobinLayer::new([10, 1_000]).layer(times);
    let endpoints = balance.endpoints();

    println!("in turn:");
    ask(&balance, 1..=4).await?;

    println!("the second weighs twice as much from here on:");
    let [first, second] = endpoints.snapshot().try_into().map_err(|_| "two were made of two targets")?;
    endpoints.set_weight(&second, 2);
    ask(&balance, 5..=10).await?;

    println!("the second drains, the first goes on:");
    endpoints.drain(&second);
    ask(&balance, 11..=12).await?;
    println!("  {second:?}");

    println!("the first is removed, and nobody waits for an endpoint that isn't there:");
    endpoints.remove(&first);
    let error = balance.oneshot(13).await.expect_err("there is no endpoint left");
    println!("  13: {error} ({})", error.is::<NoEndpoints>());
    Ok(())
}

async fn ask<S>(balance: &Balance<S>, numbers: impl Iterator<Item = i64>) -> Result<(), BoxError>
where
    S: Service<i64, Response = String, Error = BoxError> + Clone,
{
    for x in numbers {
        println!("  {}", balance.clone().oneshot(x).await?);
    }
    Ok(())
}
