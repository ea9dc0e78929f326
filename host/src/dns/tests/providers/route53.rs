//! Route 53.

use super::signature::verify;
use super::*;
use expect_test::expect;

const ACCESS_KEY: &str = "AKIDEXAMPLE";
const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const HOSTED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListHostedZonesByNameResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZones><HostedZone>
<Id>/hostedzone/Z1PA6795UKMFR9</Id><Name>example.test.</Name><CallerReference>x</CallerReference>
</HostedZone></HostedZones><DNSName>example.test</DNSName><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems>
</ListHostedZonesByNameResponse>"#;
const CHANGED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ChangeResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeInfo>
<Id>/change/C2682N5HXP0BZ4</Id><Status>PENDING</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo>
</ChangeResourceRecordSetsResponse>"#;

fn sets(sets: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <ListResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">
        <ResourceRecordSets>{sets}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems>
        </ListResourceRecordSetsResponse>"#
    )
}

async fn with(hosted_zone: Option<&str>, answers: &[(u16, &str)]) -> (Vendor, Zones) {
    let vendor = Vendor::answering(answers).await;
    let provider = ZoneProvider::Route53 {
        url: vendor.url.clone(),
        access_key_id: ACCESS_KEY.into(),
        hosted_zone: hosted_zone.map(str::to_owned),
    };
    let zones = zones(ZONE, provider, SECRET_KEY);
    (vendor, zones)
}

fn all_are_signed(asked: &[Asked]) {
    for asked in asked {
        let signed = verify(asked, ACCESS_KEY, SECRET_KEY, "us-east-1", "route53");
        assert_eq!(signed, ["host", "x-amz-date"]);
    }
}

#[tokio::test]
async fn a_name_is_replaced_in_one_change() {
    let (vendor, zones) = with(None, &[(200, HOSTED), (200, CHANGED)]).await;
    upsert(&zones, "www.example.test", RecordType::Txt, &["a <b> & \"c\"", "d"]).await.unwrap();
    let asked = vendor.asked();
    let lines: Vec<String> = asked.iter().map(Asked::line).collect();
    assert_eq!(
        lines,
        [
            "GET /2013-04-01/hostedzonesbyname?dnsname=example.test&maxitems=1",
            "POST /2013-04-01/hostedzone/Z1PA6795UKMFR9/rrset",
        ]
    );
    assert_eq!(asked[1].header("content-type"), "application/xml");
    all_are_signed(&asked);
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet><Name>www.example.test.</Name><Type>TXT</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>&quot;a &lt;b&gt; &amp; \&quot;c\&quot;&quot;</Value></ResourceRecord><ResourceRecord><Value>&quot;d&quot;</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"#]].assert_eq(&asked[1].body);
}

#[tokio::test]
async fn a_deletion_names_what_is_there() {
    let there = sets(
        "<ResourceRecordSet><Name>www.example.test.</Name><Type>A</Type><TTL>900</TTL><ResourceRecords>\
         <ResourceRecord><Value>192.0.2.2</Value></ResourceRecord><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord>\
         </ResourceRecords></ResourceRecordSet>",
    );
    let (vendor, zones) = with(Some("Z1"), &[(200, &there), (200, CHANGED)]).await;
    delete(&zones, "www.example.test", RecordType::A).await.unwrap();
    let asked = vendor.asked();
    assert_eq!(asked[0].line(), "GET /2013-04-01/hostedzone/Z1/rrset?name=www.example.test&type=A&maxitems=1");
    all_are_signed(&asked);
    let body = &asked[1].body;
    assert!(body.contains("<Action>DELETE</Action>") && body.contains("<TTL>900</TTL>"), "{body}");
    assert!(
        body.contains("<Value>192.0.2.1</Value></ResourceRecord><ResourceRecord><Value>192.0.2.2</Value>"),
        "{body}"
    );
}

#[tokio::test]
async fn a_list_that_begins_behind_the_name_has_nothing_of_it() {
    let other =
        sets("<ResourceRecordSet><Name>zzz.example.test.</Name><Type>A</Type><TTL>900</TTL></ResourceRecordSet>");
    let (vendor, zones) = with(Some("Z1"), &[(200, &other), (200, &sets(""))]).await;
    assert_eq!(read(&zones, "www.example.test", RecordType::A).await, Found::default());
    delete(&zones, "www.example.test", RecordType::A).await.unwrap();
    all_are_signed(&vendor.asked());
}

#[tokio::test]
async fn a_wildcard_is_found_by_its_escaped_name() {
    let there = sets(
        "<ResourceRecordSet><Name>\\052.example.test.</Name><Type>TXT</Type><TTL>60</TTL><ResourceRecords>\
         <ResourceRecord><Value>&quot;a text&quot;</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>",
    );
    let (vendor, zones) = with(Some("Z1"), &[(200, &there)]).await;
    let found = read(&zones, "*.example.test", RecordType::Txt).await;
    assert_eq!(found, Found { values: vec!["a text".into()], ttl: 60 });
    all_are_signed(&vendor.asked());
}

#[tokio::test]
async fn refusals_say_why() {
    let denied = r#"<?xml version="1.0"?><ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided.</Message></Error><RequestId>x</RequestId></ErrorResponse>"#;
    let other = HOSTED.replace("example.test.", "example.tex.");
    let said_after = async |answers: &[(u16, &str)]| {
        let (vendor, zones) = with(None, answers).await;
        let refused = upsert(&zones, "www.example.test", RecordType::A, &["192.0.2.1"]).await.unwrap_err();
        vendor.asked();
        said(&refused, &vendor.url)
    };
    expect![[r#"
        dns-provider-denied: zone example.test: Route 53 answered 403: The request signature we calculated does not match the signature you provided. (SignatureDoesNotMatch)
        give a key that may change the zone: windlass zone add example.test …"#]].assert_eq(&said_after(&[(403, denied)]).await);
    expect![[r#"
        zone-not-served: zone example.test: Route 53 has no such zone
        check that example.test is there, and that the key may see it"#]]
    .assert_eq(&said_after(&[(200, &other)]).await);
    expect![[r#"
        dns-provider-failed: zone example.test: Route 53 answered 500: nothing more
        try again later"#]]
    .assert_eq(&said_after(&[(500, "")]).await);
}
