//! The bytes of single files: round trips, and bytes that are anything else.

use crate::sample::chain;
use hp_artifact::ArtifactError;
use hp_artifact::codec::{decode_model, decode_preprocessor, encode_model, encode_preprocessor};
use hp_core::fingerprint::Fingerprint;
use hp_features::{Preprocessor, StandardScaler};
use hp_models::tree::{Node, Tree};
use hp_models::{FittedModel, GradientBoosting, LinearModel, RandomForest};
use hp_testkit::test_data;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// Any finite number, down to its bits.
fn finite() -> impl Strategy<Value = f64> {
    any::<u64>()
        .prop_map(f64::from_bits)
        .prop_filter("finite", |value| value.is_finite())
}

fn finite_f32() -> impl Strategy<Value = f32> {
    any::<u32>()
        .prop_map(f32::from_bits)
        .prop_filter("finite", |value| value.is_finite())
}

fn linear() -> impl Strategy<Value = FittedModel> {
    (prop::collection::vec(finite(), 0..20), finite())
        .prop_map(|(coef, intercept)| FittedModel::Linear(LinearModel::new(coef, intercept)))
}

/// A tree on three features: each draw turns the leaf it points at into a split.
fn tree() -> impl Strategy<Value = Tree> {
    let split = (
        any::<prop::sample::Index>(),
        0_u32..3,
        finite_f32(),
        finite(),
        finite(),
    );
    (finite(), prop::collection::vec(split, 0..12)).prop_map(|(root, splits)| {
        let mut nodes = vec![Node::Leaf { value: root }];
        for (at, feature, threshold, low, high) in splits {
            let leaves = (0..nodes.len()).filter(|&node| matches!(nodes[node], Node::Leaf { .. }));
            let leaves: Vec<usize> = leaves.collect();
            let left = u32::try_from(nodes.len()).unwrap();
            nodes[*at.get(&leaves)] = Node::Split {
                feature,
                threshold,
                left,
            };
            nodes.extend([low, high].map(|value| Node::Leaf { value }));
        }
        Tree::from_nodes(nodes, 3).unwrap()
    })
}

fn ensemble() -> impl Strategy<Value = FittedModel> {
    let trees = prop::collection::vec(tree(), 1..6);
    let importances = prop::collection::vec(finite(), 3);
    let numbers = (prop::option::of(finite()), finite(), finite());
    (any::<bool>(), trees, importances, numbers).prop_map(
        |(forest, trees, importances, (oob_score, start, rate))| {
            if forest {
                let model = RandomForest::from_parts(3, trees, importances, oob_score);
                FittedModel::Forest(model.unwrap())
            } else {
                let model = GradientBoosting::from_parts(3, start, rate, trees, importances);
                FittedModel::Boosting(model.unwrap())
            }
        },
    )
}

fn model() -> impl Strategy<Value = FittedModel> {
    prop_oneof![linear(), ensemble()]
}

fn preprocessor() -> impl Strategy<Value = Preprocessor> {
    let scaled = prop::collection::vec((any::<bool>(), finite(), finite()), 0..20);
    scaled.prop_filter_map("scales above zero", |features| {
        let scaled = (0..features.len()).filter(|&feature| features[feature].0);
        let columns = features.iter().filter(|feature| feature.0);
        let scaler = StandardScaler {
            mean: columns.clone().map(|column| column.1).collect(),
            scale: columns.map(|column| column.2.abs()).collect(),
        };
        Preprocessor::from_parts(features.len(), scaled.collect(), scaler).ok()
    })
}

fn path() -> &'static Path {
    Path::new("model.bin")
}

proptest! {
    #[test]
    fn models_come_back_bit_equal(model in model()) {
        let bytes = encode_model(path(), &model).unwrap();
        let decoded = decode_model(path(), &bytes).unwrap();
        // Equality of numbers would take 0 for -0.
        prop_assert_eq!(encode_model(path(), &decoded).unwrap(), bytes);
        prop_assert_eq!(decoded, model);
    }

    #[test]
    fn preprocessors_come_back_bit_equal(preprocessor in preprocessor()) {
        let bytes = encode_preprocessor(path(), &preprocessor).unwrap();
        let decoded = decode_preprocessor(path(), &bytes).unwrap();
        prop_assert_eq!(encode_preprocessor(path(), &decoded).unwrap(), bytes);
        prop_assert_eq!(decoded, preprocessor);
    }

    #[test]
    fn a_flipped_bit_is_noticed(model in model(), at in any::<prop::sample::Index>()) {
        let mut bytes = encode_model(path(), &model).unwrap();
        let bit = at.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(decode_model(path(), &bytes).is_err());
    }

    #[test]
    fn a_missing_end_is_noticed(model in model(), at in any::<prop::sample::Index>()) {
        let bytes = encode_model(path(), &model).unwrap();
        let error = decode_model(path(), &bytes[..at.index(bytes.len())]).unwrap_err();
        prop_assert!(matches!(error, ArtifactError::Length { .. }), "{error}");
    }

    #[test]
    fn added_bytes_are_noticed(model in model(), more in prop::collection::vec(any::<u8>(), 1..9)) {
        let mut bytes = encode_model(path(), &model).unwrap();
        bytes.extend(more);
        let error = decode_model(path(), &bytes).unwrap_err();
        prop_assert!(matches!(error, ArtifactError::Length { .. }), "{error}");
    }

    #[test]
    fn arbitrary_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(decode_model(path(), &bytes).is_err());
        prop_assert!(decode_preprocessor(path(), &bytes).is_err());
    }

    /// A sound envelope with any content: decoding may succeed, but must neither panic nor reserve
    /// what a length in the content claims.
    #[test]
    fn arbitrary_payloads_do_no_harm(
        kind in 0_u16..6,
        payload in prop::collection::vec(prop_oneof![Just(0), Just(1), Just(255), any::<u8>()], 0..300),
    ) {
        let bytes = sealed(kind, &payload);
        let _ = decode_model(path(), &bytes);
        let _ = decode_preprocessor(path(), &bytes);
    }

    /// A model whose content is changed and sealed again, as only malice does.
    #[test]
    fn changed_payloads_do_no_harm(model in model(), at in any::<prop::sample::Index>(), byte: u8) {
        let bytes = encode_model(path(), &model).unwrap();
        let mut payload = bytes[HEADER..bytes.len() - CHECKSUM].to_vec();
        let place = at.index(payload.len());
        payload[place] = byte;
        let kind = u16::from_le_bytes([bytes[18], bytes[19]]);
        let _ = decode_model(path(), &sealed(kind, &payload));
    }
}

const HEADER: usize = 28;
const CHECKSUM: usize = 64;

/// An envelope of format 1, put together by hand.
fn sealed(kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x89HP\r\n\x1a\n\0".to_vec();
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend([0, 0, 1, 0, 0, 0]);
    bytes.extend(kind.to_le_bytes());
    bytes.extend((payload.len() as u64).to_le_bytes());
    bytes.extend(payload);
    let checksum = Fingerprint::of(&bytes).to_string();
    bytes.extend(checksum.bytes());
    bytes
}

fn sample() -> Vec<u8> {
    let model = LinearModel::new(vec![1.0, -2.0], 0.5);
    encode_model(path(), &FittedModel::Linear(model)).unwrap()
}

#[test]
fn the_layout_is_bincode_in_an_envelope() {
    let mut payload = 2_u64.to_le_bytes().to_vec();
    for number in [1.0_f64, -2.0, 0.5] {
        payload.extend(number.to_le_bytes());
    }
    assert_eq!(sample(), sealed(2, &payload));
}

#[test]
fn a_newer_file_says_which_hp_reads_it() {
    let mut bytes = sample();
    bytes[8] = 2;
    bytes[12..18].copy_from_slice(&[1, 0, 4, 0, 2, 0]);
    let error = decode_model(path(), &bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`model.bin` has format 2, which needs hp 1.4.2 or newer; this hp reads formats up to 1"
    );
}

#[test]
fn foreign_files_are_called_so() {
    for bytes in [
        b"PK\x03\x04".as_slice(),
        b"{}",
        &[0; 400],
        b"\x89PNG\r\n\x1a\n more",
    ] {
        let error = decode_model(path(), bytes).unwrap_err();
        assert_eq!(error.to_string(), "`model.bin` is not a model file of hp");
    }
    // The beginning of a sound file, and so not foreign.
    let error = decode_model(path(), &sample()[..5]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`model.bin` has 5 bytes where 92 are expected"
    );
}

#[test]
fn the_kind_is_checked() {
    let preprocessor = Preprocessor::from_parts(1, vec![], StandardScaler::default()).unwrap();
    let bytes = encode_preprocessor(path(), &preprocessor).unwrap();
    let error = decode_model(path(), &bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`model.bin` holds a preprocessor where a model is expected"
    );
    let error = decode_preprocessor(path(), &sample()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("holds a linear model where a preprocessor"),
        "{error}"
    );
}

#[test]
fn a_length_beyond_the_file_reserves_nothing() {
    // A vector of 2^27 coefficients, 1 GiB, in a file of some hundred bytes.
    let mut payload = (1_u64 << 27).to_le_bytes().to_vec();
    payload.extend([0; 16]);
    let error = decode_model(path(), &sealed(2, &payload)).unwrap_err();
    assert!(
        matches!(error, ArtifactError::Undecodable { .. }),
        "{}",
        chain(&error)
    );
    payload[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    decode_model(path(), &sealed(2, &payload)).unwrap_err();
}

#[test]
fn objects_check_themselves() {
    let mut payload = 1_u64.to_le_bytes().to_vec();
    payload.extend(f64::NAN.to_le_bytes());
    payload.extend(0.0_f64.to_le_bytes());
    let error = decode_model(path(), &sealed(2, &payload)).unwrap_err();
    assert_eq!(
        chain(&error),
        "`model.bin` does not hold a usable object: a coefficient of the linear model is not finite"
    );
}

#[test]
fn trees_must_be_complete() {
    let leaf = || Tree::from_nodes(vec![Node::Leaf { value: 3.0 }], 1).unwrap();
    let forest = RandomForest::from_parts(1, vec![leaf(), leaf()], vec![0.0], None).unwrap();
    let bytes = encode_model(path(), &FittedModel::Forest(forest)).unwrap();
    let payload = bytes[HEADER..bytes.len() - CHECKSUM].to_vec();
    // Features, importances and score come first: 8 + 16 + 1 bytes; then two counts of nodes.
    let counts = 8 + 16 + 1 + 8;
    let problem = |first: u64, second: u64| {
        let mut payload = payload.clone();
        payload[counts..counts + 8].copy_from_slice(&first.to_le_bytes());
        payload[counts + 8..counts + 16].copy_from_slice(&second.to_le_bytes());
        chain(&decode_model(path(), &sealed(3, &payload)).unwrap_err())
    };
    let told = "`model.bin` does not hold a usable object: ";
    let mismatch = format!("{told}the arrays of its trees do not match in length");
    assert_eq!(problem(u64::MAX, 1), mismatch);
    // More than any memory holds.
    assert_eq!(problem(1 << 40, 1), mismatch);
    assert_eq!(problem(2, 1), mismatch);
    assert_eq!(problem(1, 2), mismatch);
    assert_eq!(problem(2, 0), format!("{told}a tree has no nodes"));
    let mut short = payload.clone();
    short[counts - 8] = 1;
    short.drain(counts + 8..counts + 16);
    let error = decode_model(path(), &sealed(3, &short)).unwrap_err();
    assert_eq!(chain(&error), mismatch);
}

/// The models in `test-data/container`, by file.
fn stored_models() -> [(&'static str, FittedModel); 3] {
    let split = |feature, threshold, left| Node::Split {
        feature,
        threshold,
        left,
    };
    let leaf = |value| Node::Leaf { value };
    let nodes = vec![
        split(2, 9.725, 1),
        leaf(31.5),
        split(0, -0.25, 3),
        leaf(20.0),
        leaf(-0.0),
    ];
    let trees = || {
        vec![
            Tree::from_nodes(nodes.clone(), 3).unwrap(),
            Tree::from_nodes(vec![leaf(0.1)], 3).unwrap(),
        ]
    };
    let importances = || vec![0.25, 0.0, 0.75];
    let forest = RandomForest::from_parts(3, trees(), importances(), Some(0.875)).unwrap();
    let boosting = GradientBoosting::from_parts(3, 22.5, 0.1, trees(), importances()).unwrap();
    [
        (
            "linear_v1.bin",
            FittedModel::Linear(LinearModel::new(vec![1.5, -0.0, 1e-300], 22.7)),
        ),
        ("forest_v1.bin", FittedModel::Forest(forest)),
        ("boosting_v1.bin", FittedModel::Boosting(boosting)),
    ]
}

fn stored(name: &str) -> Vec<u8> {
    fs::read(test_data(
        env!("CARGO_MANIFEST_DIR"),
        &format!("container/{name}"),
    ))
    .unwrap()
}

#[test]
fn format_1_stays_readable() {
    for (name, model) in stored_models() {
        assert_eq!(
            decode_model(path(), &stored(name)).unwrap(),
            model,
            "{name}"
        );
        assert_eq!(
            stored(name),
            encode_model(path(), &model).unwrap(),
            "{name}"
        );
    }
    let scaler = StandardScaler {
        mean: vec![3.6, -0.5],
        scale: vec![8.6, 1.0],
    };
    let preprocessor = Preprocessor::from_parts(3, vec![0, 2], scaler).unwrap();
    let bytes = stored("preprocessor_v1.bin");
    assert_eq!(decode_preprocessor(path(), &bytes).unwrap(), preprocessor);
    assert_eq!(bytes, encode_preprocessor(path(), &preprocessor).unwrap());
}
