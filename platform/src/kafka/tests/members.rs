//! Who has which partitions, when members come, go, and come back under a name. The broker is real.

use super::*;

/// Two logs under a new prefix, whose consumers are called first and second.
async fn two(name: &str) -> (String, KafkaLog, KafkaLog) {
    let prefix = servers::fresh_prefix(name);
    let first = open(&prefix, Instances::Named("first".to_owned())).await;
    let second = open(&prefix, Instances::Named("second".to_owned())).await;
    (prefix, first, second)
}

/// What a member is to hand back, which is what it hears next.
async fn revoked(member: &mut dyn Member) -> Vec<TopicPartition> {
    match member.next().await {
        MemberEvent::Revoked(revoked) => revoked,
        event => panic!("{event:?}"),
    }
}

/// Who is in the group of silver.
async fn members(prefix: &str) -> Vec<String> {
    let topics = KafkaTopics::new(&settings(prefix)).unwrap();
    let members = topics.members(PARTITIONS).await.unwrap();
    let mut names: Vec<_> = members.into_iter().map(|member| member.name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_second_member_gets_partitions_only_once_the_first_has_let_them_go() {
    let (_, first, second) = two("handover").await;
    let mut old = first.join(&[BRONZE]);
    assigned(&mut *old, &[0, 1]).await;
    let mut new = second.join(&[BRONZE]);
    let revoked = revoked(&mut *old).await;
    assert_eq!(revoked.len(), 1);
    old.release(revoked[0]);
    assigned(&mut *new, &[revoked[0].partition]).await;
}

#[tokio::test]
async fn a_member_that_ends_leaves_the_group_where_others_are_in_it() {
    let (prefix, first, second) = two("leaves").await;
    let mut old = first.join(&[BRONZE]);
    assigned(&mut *old, &[0, 1]).await;
    let mut new = second.join(&[BRONZE]);
    let revoked = revoked(&mut *old).await;
    old.release(revoked[0]);
    assigned(&mut *new, &[revoked[0].partition]).await;
    assert_eq!(members(&prefix).await, ["first", "second"]);
    tokio::task::spawn_blocking(move || drop(old)).await.unwrap();
    assert_eq!(members(&prefix).await, ["second"], "nobody waits for its session to end");
    assigned(&mut *new, &[1 - revoked[0].partition]).await;
    // Who is alone is waited for: it has its partitions at once when it comes back under its name.
    tokio::task::spawn_blocking(move || drop(new)).await.unwrap();
    assert_eq!(members(&prefix).await, ["second"]);
}

#[tokio::test]
async fn partitions_of_one_number_go_together_so_that_members_share_the_work() {
    let (_, first, second) = two("together").await;
    let topics = [Topic::Bronze(Kind::Customers), BRONZE];
    let of = |number: u32| topics.map(|topic| TopicPartition::new(topic, number));
    let mut old = first.join(&topics);
    let event = old.next().await;
    let MemberEvent::Assigned(mut all) = event else { panic!("{event:?}") };
    let mut both = [of(0), of(1)].concat();
    all.sort();
    both.sort();
    assert_eq!(all, both);
    let mut new = second.join(&topics);
    let revoked = revoked(&mut *old).await;
    assert_eq!(revoked, of(revoked[0].partition));
    revoked.iter().for_each(|at| old.release(*at));
    let event = new.next().await;
    let MemberEvent::Assigned(handed_over) = event else { panic!("{event:?}") };
    assert_eq!(handed_over, revoked);
}

#[tokio::test]
async fn a_member_that_holds_revoked_partitions_can_be_dropped() {
    let (_, first, second) = two("dropped").await;
    let mut old = first.join(&[BRONZE]);
    assigned(&mut *old, &[0, 1]).await;
    let _new = second.join(&[BRONZE]);
    revoked(&mut *old).await;
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
