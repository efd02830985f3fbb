"""The tagger: which words speak for which code, and which only seem to."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb.scheme import parse
from reviewdb.tagging import Tagger
from reviewdb.text import ancestors

SHIPPED = Path(__file__).parent.parent / "data" / "coding-scheme.toml"

SMALL = """
schema = 1
[facet.image]
ignored = ["diffusion tensor", "the US"]
passing = ["compared with", "such as", "unlike"]
[facet.image.codes.mri]
words = ["magnetic resonance", "MRI"]
acronyms = ["MR"]
[facet.image.codes."mri.brain"]
hints = ["white matter"]
not_with = ["CT"]
[facet.image.codes.ct]
acronyms = ["CT"]
[facet.image.codes."ct.chest"]
[facet.image.codes."ct.head"]
[facet.image.codes.us]
words = ["ultraso*"]
acronyms = ["US"]
not_before = ["army"]
[facet.image.codes.diffusion]
words = ["diffusion*"]
[facet.image.codes.gan]
acronyms = ["GAN", "*GAN", "Diff*"]
[facet.image.codes.learned]
words = ["supervised"]
not_after = ["webly"]
[facet.image.codes.own]
words = ["self supervised", "*coder", "*mid*"]
[facet.image.codes.fault]
hints = ["restore*"]
only_with = ["anomal*"]
[facet.image.codes.nothing]
words = ["industrial"]
alone = true
[compose.image.cues]
brain = ["brain*", "head"]
chest = ["chest", "lung*"]
[compose.image.leaves]
mri = { brain = "mri.brain" }
ct = { chest = "ct.chest", brain = "ct.head" }
[negation]
after = ["non", "without"]
before = ["free"]
"""


@cache
def tagger(source: str = "") -> Tagger:
    scheme, problems = parse(source or SHIPPED.read_text(encoding="utf-8"), "scheme.toml")
    assert problems == []
    return Tagger(scheme)


def small(**fields: str) -> dict[str, list[str]]:
    """Return the words of evidence for each code of the small scheme."""
    return {s.code: [span.words for span in s.evidence] for s in tagger(SMALL).suggest(fields)}


def shipped(text: str, facet: str, field: str = "title") -> set[str]:
    return {s.code for s in tagger().suggest({field: text}) if s.facet == facet}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Magnetic resonance", {"mri": ["Magnetic resonance"]}),
        ("MAGNETIC-RESONANCE", {"mri": ["MAGNETIC-RESONANCE"]}),
        ("magnetic/resonance", {"mri": ["magnetic/resonance"]}),
        ("magnetic\n resonance", {"mri": ["magnetic\n resonance"]}),
        ("magnétic resonance", {"mri": ["magnétic resonance"]}),
        ("magnetic, resonance", {}),
        ("magnetic. Resonance", {}),
        ("magnetic (resonance)", {}),
        ("geomagnetic resonance", {}),
        ("resonance magnetic", {}),
        ("", {}),
        ("—?!", {}),
    ],
)
def test_a_phrase_is_a_row_of_whole_words(text: str, expected: dict[str, list[str]]) -> None:
    assert small(title=text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MR of knees", {"mri": ["MR"]}),
        ("Mr Smith", {}),
        ("US of livers", {"us": ["US"]}),
        ("between us", {}),
        ("GANs", {"gan": ["GANs"]}),
        ("GaN", {}),
        ("GANS", {}),
        ("AnoGAN", {"gan": ["AnoGAN"]}),
        ("AnoGANs", {"gan": ["AnoGANs"]}),
        ("organ", {}),
        ("DiffNet", {"gan": ["DiffNet"]}),
        ("Diff", {"gan": ["Diff"]}),
        ("Different", {}),
    ],
)
def test_acronyms_match_letter_by_letter_and_have_plurals(text: str, expected: dict[str, list[str]]) -> None:
    assert small(title=text) == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ultrasound", True),
        ("ultrasonic", True),
        ("ultra", False),
        ("encoder", True),
        ("coder", False),
        ("coders", False),
        ("pyramidal", True),
        ("mid", True),
    ],
)
def test_a_star_stands_for_letters(text: str, found: bool) -> None:
    assert bool(small(title=text)) is found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("supervised", {"learned": ["supervised"]}),
        ("self-supervised", {"own": ["self-supervised"]}),
        ("self supervised and supervised", {"learned": ["supervised"], "own": ["self supervised"]}),
        ("diffusion models", {"diffusion": ["diffusion"]}),
        ("diffusion tensor", {}),
        ("in the US", {}),
    ],
)
def test_a_hit_inside_a_longer_one_does_not_count(text: str, expected: dict[str, list[str]]) -> None:
    assert small(title=text) == expected


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("non-supervised", set()),
        ("without ultrasound", set()),
        ("without, ultrasound", {"us"}),
        ("diffusion-free", set()),
        ("diffusion. Free lunch", {"diffusion"}),
        ("webly supervised", set()),
        ("webly diffusion", {"diffusion"}),
        ("US army", set()),
        ("US of the army", {"us"}),
        ("non-supervised and supervised", {"learned"}),
    ],
)
def test_a_word_directly_before_or_after_takes_a_hit_back(text: str, codes: set[str]) -> None:
    assert set(small(title=text)) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Compared with GANs, we use ultrasound", {"us"}),
        ("better compared with state-of-the-art GANs", set()),
        ("unlike MRI, ultrasound is cheap", {"us"}),
        ("images such as MRI and CT. Ultrasound is ours", {"us"}),
        ("methods such as diffusion (GAN). MRI", {"mri"}),
        ("such as one two three four five six GANs", {"gan"}),
        ("we compare, such as MRI, CT and f-GAN", set()),
        ("ours, unlike MRI, uses CT", {"ct"}),
        ("Such as MRI. CT", {"ct"}),
        ("such as MRI or five other things and our CT", {"ct"}),
        ("GAN compared with others", {"gan"}),
        ("GAN and", {"gan"}),
    ],
)
def test_what_is_only_mentioned_does_not_count(text: str, codes: set[str]) -> None:
    assert set(small(abstract=text)) == codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MRI of the brain", {"mri.brain": ["MRI", "brain"]}),
        ("brain MRI and chest CT", {"mri.brain": ["brain", "MRI"], "ct.chest": ["chest", "CT"]}),
        ("chest CT and MRI", {"mri": ["MRI"], "ct.chest": ["chest", "CT"]}),
        ("CT of lungs and heads", {"ct.chest": ["CT", "lungs"]}),
        ("CT of head and chest", {"ct.chest": ["CT", "chest"], "ct.head": ["CT", "head"]}),
        ("brains", {}),
        ("A brain. An MRI", {"mri": ["MRI"]}),
        ("brain with 1.5 T MRI", {"mri.brain": ["brain", "MRI"]}),
    ],
)
def test_a_root_and_a_cue_make_a_leaf_with_both_as_evidence(text: str, expected: dict[str, list[str]]) -> None:
    assert small(title=text) == expected


def test_a_cue_in_the_title_speaks_for_the_abstract_but_not_the_other_way() -> None:
    (leaf,) = tagger(SMALL).suggest({"abstract": "We use MRI.", "title": "Brains"})
    assert (leaf.code, [(s.field, s.words) for s in leaf.evidence]) == (
        "mri.brain",
        [("title", "Brains"), ("abstract", "MRI")],
    )
    assert set(small(title="MRI", abstract="Brains are not our topic.")) == {"mri"}


def test_a_parent_is_dropped_for_its_leaf_and_leaves_its_evidence() -> None:
    assert small(title="MRI", abstract="white matter") == {"mri.brain": ["MRI", "white matter"]}


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"title": "white matter"}, {"mri.brain"}),
        ({"title": "white matter in CT"}, {"ct"}),
        ({"title": "white matter in CT and MRI"}, {"ct", "mri.brain"}),
        ({"title": "restored images"}, set()),
        ({"title": "restored images", "abstract": "for anomaly detection"}, {"fault"}),
        ({"title": "industrial"}, {"nothing"}),
        ({"title": "industrial", "abstract": "ultrasound"}, {"us"}),
    ],
)
def test_hints_count_in_the_right_company_only(fields: dict[str, str], codes: set[str]) -> None:
    assert set(small(**fields)) == codes


@pytest.mark.parametrize(
    ("title", "abstract", "expected"),
    [
        ("Chest radiographs", "CT and mammography would need labels.", {"xray.chest"}),
        ("Volumes from MRI", "The brain was scanned.", {"mri"}),
        ("Volumes from MRI", "The MRI is of brains, the CT of lungs.", {"mri.brain"}),
        ("Medical images", "We show retinal OCT and brain MRI.", {"oct", "mri.brain"}),
        ("Septal defect detection", "We show echocardiography.", {"ultrasound"}),
    ],
)
def test_where_the_title_answers_the_abstract_may_only_be_finer(title: str, abstract: str, expected: set[str]) -> None:
    found = tagger().suggest({"title": title, "abstract": abstract})
    assert {s.code for s in found if s.facet == "modality"} == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "A survey of GANs", "abstract": "Autoencoders are reviewed."}, {"survey", "gan", "autoencoder"}),
        ({"title": "Deep autoencoders", "abstract": "Recent advances are many."}, {"autoencoder"}),
        ({"abstract": "This survey covers much."}, {"survey"}),
    ],
)
def test_a_survey_says_so_in_its_title_if_it_has_one(fields: dict[str, str], expected: set[str]) -> None:
    assert {s.code for s in tagger().suggest(fields) if s.facet == "method"} == expected


def test_suggestions_come_in_the_order_of_the_scheme_with_the_title_first() -> None:
    found = tagger(SMALL).suggest({"abstract": "US, CT", "title": "CT and diffusion and CT"})
    assert [s.code for s in found] == ["ct", "us", "diffusion"]
    assert [(s.field, s.start) for s in found[0].evidence] == [("title", 0), ("title", 21), ("abstract", 4)]


ENGLISH = (
    "brain MRI CT chest x-ray GANs self- supervised without compared with autoencoders such as retinal OCT US "
    "industrial anomaly reconstruction no labels white matter , . ( ) and"
)
WORDS = st.sampled_from([*ENGLISH.split(), "\u2013", "\u00a0", "\u017f", "\u0130", "\ufb01", "e\u0301"])
PROSE = st.lists(WORDS, max_size=60).map(" ".join)


@given(title=st.text() | PROSE, abstract=st.text() | PROSE)
def test_evidence_is_what_the_text_says_there(title: str, abstract: str) -> None:
    fields = {"title": title, "abstract": abstract}
    suggestions = tagger().suggest(fields)
    for suggestion in suggestions:
        assert suggestion.evidence
        assert len(set(suggestion.evidence)) == len(suggestion.evidence)
        for span in suggestion.evidence:
            assert span.words == fields[span.field][span.start : span.end] != ""
    keys = [(s.facet, s.code) for s in suggestions]
    assert len(set(keys)) == len(keys)
    assert not {(facet, parent) for facet, code in keys for parent in ancestors(code)} & set(keys)


@given(PROSE)
def test_what_was_read_before_changes_nothing(text: str) -> None:
    fresh = Tagger(parse(SMALL, "scheme.toml")[0])
    assert fresh.suggest({"title": text}) == tagger(SMALL).suggest({"title": text})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lesions in brain mri", {"mri.brain"}),
        ("retinal oct volumes", {"oct"}),
        ("bleeding in head ct", {"ct.head"}),
        ("motion outliers in fmri", {"mri.functional"}),
        ("Chest Xray triage", {"xray.chest"}),
        ("Chest radiographs", {"xray.chest"}),
        ("Brain tumours in multi-parametric MR images", {"mri.brain"}),
        ("Diffusion-weighted MRI", {"mri.dwi"}),
        ("Cardiac magnetic resonance", {"mri.cardiac"}),
        ("Echocardiography of infants", {"ultrasound"}),
        ("Breast ultrasound", {"ultrasound.breast"}),
        ("Shear-wave elastography", {"ultrasound"}),
        ("Cone-beam scans", {"ct"}),
        ("CT angiography", {"ct"}),
        ("FDG PET/CT", {"pet", "ct"}),
        ("SPECT perfusion", {"pet"}),
        ("Caries in dental radiographs", {"xray.dental"}),
        ("Wireless capsule endoscopy", {"endoscopy"}),
        ("Hyperspectral imaging of wounds", {"multispectral"}),
        ("OCT and fundus photographs", {"oct", "fundus"}),
        ("Confocal microscopy", {"histology"}),
        # What only looks like a modality.
        ("A survey in the US", set()),
        ("Sorting PET bottles", set()),
        ("Report of Oct 2019", set()),
        ("Two-head networks with multi-head attention for CT", {"ct"}),
        ("Head and neck CT", {"ct"}),
        ("X-ray inspection of welds", set()),
        ("Hyperspectral satellite images", {"none"}),
        ("Scanning electron microscope images of wafers", {"none"}),
        ("Texture of brain MRI and surface defects", {"mri.brain"}),
    ],
)
def test_modalities(text: str, expected: set[str]) -> None:
    assert shipped(text, "modality") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Semi-supervised", {"semi_supervised"}),
        ("Semisupervised", {"semi_supervised"}),
        ("Weakly supervised", {"weakly_supervised"}),
        ("Deeply supervised networks", set()),
        ("Training without labels", {"unsupervised"}),
        ("Label-free training", {"unsupervised"}),
        ("Label-free microscopy", set()),
        ("One-shot and zero-shot", {"few_zero_shot"}),
        ("Pseudo-labels for few annotations", {"partly_labelled"}),
        ("Beyond supervised learning", set()),
        ("It outperforms fully supervised networks", set()),
        ("Supervised and unsupervised", {"supervised", "unsupervised"}),
        ("Contrastive features of pretrained networks", set()),
    ],
)
def test_supervision_as_stated(text: str, expected: set[str]) -> None:
    assert shipped(text, "supervision", "abstract") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Auto-encoders", {"autoencoder"}),
        ("Autoencoder", {"autoencoder"}),
        ("Variational auto-encoders", {"vae"}),
        ("Masked autoencoders", {"transformer"}),
        ("Convolutional autoencoders", {"autoencoder"}),
        ("Denoising diffusion models", {"diffusion"}),
        ("Diffusion tensor imaging", set()),
        ("Apparent diffusion coefficient", set()),
        ("Wavelet transform", set()),
        ("MRI reconstruction", set()),
        ("Reconstruction for anomaly detection", {"reconstruction"}),
        ("Synthesis of MRI from CT", set()),
        ("Synthetic anomalies", {"synthetic_anomaly"}),
        ("Long short-term memory", {"rnn"}),
        ("Memory-efficient training", set()),
        ("Memory banks", {"memory_bank"}),
        ("Adversarial attacks", set()),
        ("Adversarial networks", {"gan"}),
        ("Prompt treatment", set()),
        ("Prompt learning", {"vision_language"}),
        ("Gaussian noise", set()),
        ("Gaussian mixture", {"gmm"}),
        ("Language impairment", set()),
        ("Non-contrastive", set()),
        ("We leverage breast density", set()),
        ("Unlike GANs, our normalising flow is exact", {"density"}),
        ("Models such as GANs and autoencoders fail. We train a U-Net.", {"cnn"}),
    ],
)
def test_methods(text: str, expected: set[str]) -> None:
    assert shipped(text, "method", "abstract") == expected


# Titles made up for this test, in the manner of the field: modality; supervision as stated; method.
TITLES = """
Unsupervised lesion detection in brain MRI with variational autoencoders | mri.brain | unsupervised | vae
Generative adversarial networks find abnormal chest radiographs | xray.chest | | gan
A diffusion model for pseudo-healthy brain images | mri.brain | | diffusion reconstruction
Semi-supervised segmentation of the left atrium in MR images | mri.cardiac | semi_supervised |
Zero-shot classification of skin lesions with CLIP | dermoscopy | few_zero_shot | vision_language
Normalizing flows for out-of-distribution detection in retinal OCT | oct | | density
One-class classification of mammograms | xray.mammography | semi_supervised | one_class
Student-teacher feature matching for polyps in colonoscopy | endoscopy | | student_teacher
Weakly-supervised tumor localisation in whole slides by multiple-instance learning | histology | weakly_supervised | mil
A survey of deep anomaly detection in medical imaging | | | survey
Self-supervised pretraining for fundus photographs | fundus | self_supervised |
Robust principal component analysis of functional MRI | mri.functional | | pca
U-Net segmentation of liver tumors in abdominal CT | ct.abdomen | | cnn
Detecting intracranial haemorrhage in head CT with a 3D convolutional network | ct.head | | cnn
Lung nodule detection in low-dose CT | ct.chest | |
Vision transformers for pneumonia in chest x-rays | xray.chest | | transformer
Memory-augmented autoencoder for anomalies in breast ultrasound | ultrasound.breast | | autoencoder memory_bank
Few-shot anomaly detection with a memory bank of patch features | | few_zero_shot | memory_bank
Synthetic anomalies for self-supervised localisation in abdominal CT | ct.abdomen | self_supervised | synthetic_anomaly
Score-based reconstruction of undersampled knee MRI | mri | | diffusion
Gaussian process outlier detection in EEG | eeg | | gaussian_process
Isolation forests on radiology metadata | | | isolation_forest
Hidden Markov models of cardiac cine sequences | mri.cardiac | | hmm
Bayesian uncertainty of CT segmentation | ct | | bayesian_uncertainty
Contrastive learning for dermoscopic images | dermoscopy | | contrastive
Transfer learning for panoramic radiographs of teeth | xray.dental | | transfer_learning
Fetal ultrasound plane detection with recurrent networks | ultrasound | | rnn
Outlier removal by z-scores in diffusion tensor imaging | mri.dwi | | zscore_boxplot
Unsupervised clustering of histopathology patches | histology | unsupervised | clustering
Prostate MRI lesions: fully supervised versus label-efficient training | mri.prostate | supervised partly_labelled |
Amyloid PET abnormality maps in dementia | pet | |
Report generation from chest radiographs with large language models | xray.chest | | vision_language
Mean teacher with pseudo-labels for ultrasound images | ultrasound | partly_labelled | student_teacher
Counterfactual images for outlier explanation in retinal photographs | fundus | | reconstruction
Support vector machines on multispectral burn images | multispectral | | svm
Siamese networks for epilepsy lesions in brain MRI | mri.brain | | embedding
Anomaly detection in breast MRI by in-painting | mri.breast | | reconstruction
Masked autoencoders for gigapixel pathology images | histology | | transformer
Wasserstein GANs generate capsule endoscopy frames | endoscopy | | gan
Knowledge distillation for industrial surface defects | none | | student_teacher
Fabric defect detection with a convolutional neural network | none | | cnn
Visual inspection of steel with patch memory | none | | memory_bank
Training-free prompting of vision-language models for defect detection | none | few_zero_shot | vision_language
Defect synthesis with latent diffusion for printed circuit boards | none | | synthetic_anomaly diffusion
Echocardiography video anomaly detection without annotations | ultrasound | unsupervised |
COVID-19 diagnosis from chest CT and x-ray | ct.chest xray.chest | |
White matter hyperintensities in FLAIR: a benchmark | mri.brain | | survey
CycleGAN translation from MR to CT of the pelvis | mri ct | | gan
Vector-quantised variational auto-encoders for OCT angiography | oct | | vae
k-means on blood cell images | histology | | clustering
deep autoencoders for unsupervised outlier detection in head ct | ct.head | unsupervised | autoencoder
anomaly segmentation in brain mr images using gans | mri.brain | | gan
unsupervised detection of rare findings in chest xrays | xray.chest | unsupervised |
svdd for novelty detection in mammography | xray.mammography | | one_class
resting-state fmri and recurrent neural networks | mri.functional | | rnn
semisupervised learning for optical coherence tomography | oct | semi_supervised |
How radiologists read: a qualitative study | | |
Federated scheduling of hospital beds | | |
Graph theory for power transformers | | |
Quality of life after surgery in the US | | |
"""

FLOORS = {"modality": (0.97, 0.97), "supervision": (0.95, 0.95), "method": (0.93, 0.93)}


@pytest.mark.parametrize("facet", FLOORS)
def test_precision_and_recall_on_titles_of_the_field(facet: str) -> None:
    place = list(FLOORS).index(facet) + 1
    hits = proposed = true = 0
    wrong: list[str] = []
    for line in TITLES.strip().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        found, wanted = shipped(cells[0], facet), set(cells[place].split())
        hits += len(found & wanted)
        proposed += len(found)
        true += len(wanted)
        if found != wanted:
            wrong.append(f"{cells[0]}: proposed {sorted(found)}, true {sorted(wanted)}")
    precision, recall = FLOORS[facet]
    assert hits / proposed >= precision, wrong
    assert hits / true >= recall, wrong


def test_evidence_grows_with_the_text_and_no_faster() -> None:
    scheme = parse(SMALL, "scheme.toml")[0]
    once = "brain MRI compared with GANs and chest CT without diffusion "
    evidence = [
        sum(len(s.evidence) for s in Tagger(scheme).suggest({"abstract": once * times})) for times in (1, 10, 100)
    ]
    assert evidence == [evidence[0] * n for n in (1, 10, 100)]
