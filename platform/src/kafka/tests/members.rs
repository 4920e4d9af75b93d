//! Who has which partitions, when members come, go, and come back under a name. The broker is real.

use super::*;
use rdkafka::groups::GroupInfo;

#[tokio::test]
async fn a_second_member_gets_partitions_only_once_the_first_has_let_them_go() {
    let prefix = servers::fresh_prefix("handover");
    let first = open(&prefix, Instances::Named("first".to_owned())).await;
    let second = open(&prefix, Instances::Named("second".to_owned())).await;
    let mut old = first.join(&[BRONZE]);
    assigned(&mut *old, &[0, 1]).await;
    let mut new = second.join(&[BRONZE]);
    let event = old.next().await;
    let MemberEvent::Revoked(revoked) = event else { panic!("{event:?}") };
    assert_eq!(revoked.len(), 1);
    old.release(revoked[0]);
    assigned(&mut *new, &[revoked[0].partition]).await;
}

/// Who is in a group, by the names of static members.
fn members(group: &str) -> Vec<String> {
    let list = foreign_producer(None).client().fetch_group_list(Some(group), LIMIT).unwrap();
    let ids = list.groups().iter().flat_map(GroupInfo::members).map(|it| it.id().to_owned());
    // The broker adds a UUID.
    let mut names: Vec<_> = ids.map(|id| id[..id.len() - 37].to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_member_that_ends_leaves_the_group_where_others_are_in_it() {
    let prefix = servers::fresh_prefix("leaves");
    let group = format!("{prefix}-silver-{PARTITIONS}");
    let first = open(&prefix, Instances::Named("first".to_owned())).await;
    let second = open(&prefix, Instances::Named("second".to_owned())).await;
    let mut old = first.join(&[BRONZE]);
    assigned(&mut *old, &[0, 1]).await;
    let mut new = second.join(&[BRONZE]);
    let event = old.next().await;
    let MemberEvent::Revoked(revoked) = event else { panic!("{event:?}") };
    old.release(revoked[0]);
    assigned(&mut *new, &[revoked[0].partition]).await;
    assert_eq!(members(&group), ["first", "second"]);
    tokio::task::spawn_blocking(move || drop(old)).await.unwrap();
    assert_eq!(members(&group), ["second"], "nobody waits for its session to end");
    assigned(&mut *new, &[1 - revoked[0].partition]).await;
    // Who is alone is waited for: it has its partitions at once when it comes back under its name.
    tokio::task::spawn_blocking(move || drop(new)).await.unwrap();
    assert_eq!(members(&group), ["second"]);
}

#[tokio::test]
async fn partitions_of_one_number_go_together_so_that_members_share_the_work() {
    let prefix = servers::fresh_prefix("together");
    let first = open(&prefix, Instances::Named("first".to_owned())).await;
    let second = open(&prefix, Instances::Named("second".to_owned())).await;
    let topics = [Topic::Bronze(Kind::Customers), BRONZE];
    let of = |number: u32| topics.map(|topic| TopicPartition::new(topic, number));
    let mut old = first.join(&topics);
    let event = old.next().await;
    let MemberEvent::Assigned(mut all) = event else { panic!("{event:?}") };
    all.sort();
    assert_eq!(
        all,
        [of(0), of(1)]
            .concat()
            .into_iter()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
    let mut new = second.join(&topics);
    let event = old.next().await;
    let MemberEvent::Revoked(revoked) = event else { panic!("{event:?}") };
    assert_eq!(revoked, of(revoked[0].partition));
    revoked.iter().for_each(|at| old.release(*at));
    let event = new.next().await;
    let MemberEvent::Assigned(handed_over) = event else { panic!("{event:?}") };
    assert_eq!(handed_over, revoked);
}

#[tokio::test]
async fn a_member_that_holds_revoked_partitions_can_be_dropped() {
    let prefix = servers::fresh_prefix("dropped");
    let first = open(&prefix, Instances::Named("first".to_owned())).await;
    let second = open(&prefix, Instances::Named("second".to_owned())).await;
    let mut old = first.join(&[BRONZE]);
    assigned(&mut *old, &[0, 1]).await;
    let _new = second.join(&[BRONZE]);
    let event = old.next().await;
    assert!(matches!(event, MemberEvent::Revoked(_)), "{event:?}");
    // Its thread must end, though nothing was released.
    let dropped = tokio::task::spawn_blocking(move || drop(old));
    tokio::time::timeout(LIMIT, dropped).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn a_second_consumer_of_the_same_name_expels_the_first_with_a_sentence() {
    let prefix = servers::fresh_prefix("fenced");
    let [first, second] = [(); 2].map(|()| Instances::Named("same".to_owned()));
    let (first, second) = (open(&prefix, first).await, open(&prefix, second).await);
    let mut old = first.join(&[BRONZE]);
    assigned(&mut *old, &[0, 1]).await;
    let mut new = second.join(&[BRONZE]);
    let told = loop {
        tokio::select! {
            event = old.next() => if let MemberEvent::Expelled(why) = event { break why },
            _ = new.next() => {}
        }
    };
    assert!(told.contains("--instance"), "{told}");
}
